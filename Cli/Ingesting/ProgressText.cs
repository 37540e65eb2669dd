using System.Globalization;
using System.Text;

namespace SensorGrid.Cli.Ingesting;

/// <summary>Progress in words.</summary>
internal static class ProgressText
{
    private const double Mebibyte = 1 << 20;

    /// <param name="diskBytes">Of all files; 0 where it is not known.</param>
    public static string Of(IngestTotals totals, long diskBytes)
    {
        var done = totals.DiskBytes;
        var left = diskBytes > 0 && done > 0 ? $", {Duration(totals.Elapsed * ((double)Math.Max(0, diskBytes - done) / done))} left" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{totals.Readings:N0} readings, {totals.Rate:N0} readings/s, {totals.Bytes / Mebibyte:N1} MiB sent{left}");
    }

    public static string Summary(IngestTotals totals)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{Count(totals.Readings, "reading")} of {Count(totals.Files, "file")}")
            .Append(CultureInfo.InvariantCulture, $" in {totals.Elapsed.TotalSeconds:0.0} s, {totals.Rate:N0} readings/s");
        AppendIf(totals.Skipped > 0, $"; {Count(totals.Skipped, "text value")} skipped");
        AppendIf(totals.Rejected > 0, $"; {totals.Rejected} refused");
        AppendIf(totals.FailedFiles > 0, $"; {Count(totals.FailedFiles, "file")} failed");
        return text.ToString();

        void AppendIf(bool holds, string part) => text.Append(holds ? part : "");
    }

    public static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    public static string Duration(TimeSpan time)
    {
        var (count, unit) = time.TotalMinutes < 1 ? (time.TotalSeconds, "s")
            : time.TotalHours < 1 ? (time.TotalMinutes, "min")
            : (time.TotalHours, "h");
        return count.ToString(unit == "h" ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + unit;
    }
}
