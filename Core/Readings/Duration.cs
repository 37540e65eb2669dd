using System.Globalization;

namespace SensorGrid.Core.Readings;

/// <summary>Durations as people write them: a number and a unit, such as <c>100ms</c>, <c>15m</c> or <c>1.5h</c>. <c>min</c> is read as <c>m</c> is.</summary>
public static class Duration
{
    public const string Form = "a number and one of us, ms, s, m, h, d, such as 100ms or 15m";

    // Largest first; m before min, so that it is the one written.
    private static readonly (string Unit, long Micros)[] Units =
        [("d", EventTime.Day), ("h", EventTime.Hour), ("m", EventTime.Minute), ("min", EventTime.Minute), ("s", EventTime.Second), ("ms", 1_000), ("us", 1)];

    /// <param name="micros">Microseconds, rounded; 0 or more.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        var digits = text.IndexOfAnyExcept("0123456789.");
        if (digits <= 0 || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        foreach (var (unit, size) in Units)
        {
            if (text[digits..].SequenceEqual(unit))
            {
                // A quarter of the range: sums and differences of a few of them stay in it.
                var fits = number <= long.MaxValue / 4 / size;
                micros = fits ? (long)Math.Round(number * size) : 0;
                return fits;
            }
        }
        return false;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        var isDuration = TryParse(text, out long micros) && micros <= TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond;
        duration = isDuration ? TimeSpan.FromMicroseconds(micros) : default;
        return isDuration;
    }

    /// <summary>The shortest way to write a duration without decimals.</summary>
    public static string Format(long micros)
    {
        var (unit, size) = micros == 0 ? ("s", 1) : Array.Find(Units, u => micros % u.Micros == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{micros / size}{unit}");
    }

    /// <summary>What lies below a microsecond is left out.</summary>
    public static string Format(TimeSpan duration) => Format(duration.Ticks / TimeSpan.TicksPerMicrosecond);
}
