using System.Globalization;

namespace SensorGrid.Bench.Reports;

/// <summary>A figure with its text: the text goes into tables, the value into JSON.</summary>
internal readonly record struct Cell(object? Value, string Text)
{
    public static implicit operator Cell(string text) => new(text, text);

    public static Cell Count(long value) => new(value, value.ToString("N0", CultureInfo.InvariantCulture));

    public static Cell Number(double value, int decimals) => new(value, value.ToString("N" + decimals, CultureInfo.InvariantCulture));

    /// <summary>Readings in a second, in thousands.</summary>
    public static Cell Rate(double perSecond) => new(perSecond, (perSecond / 1000).ToString("N0", CultureInfo.InvariantCulture) + " k/s");

    public static Cell Seconds(TimeSpan time) => new(time.TotalSeconds, time.TotalSeconds.ToString("N2", CultureInfo.InvariantCulture) + " s");

    public static Cell Milliseconds(TimeSpan time) => new(time.TotalSeconds, time.TotalMilliseconds.ToString("N1", CultureInfo.InvariantCulture) + " ms");

    public static Cell Nanoseconds(double seconds) => new(seconds, (seconds * 1e9).ToString("N0", CultureInfo.InvariantCulture) + " ns");

    /// <summary>A share of one.</summary>
    public static Cell Percent(double share) => new(share, (share * 100).ToString("N1", CultureInfo.InvariantCulture) + " %");

    public static Cell MiB(long bytes) => new(bytes, (bytes / 1048576.0).ToString("N0", CultureInfo.InvariantCulture) + " MiB");
}
