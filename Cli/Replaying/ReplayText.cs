using System.Globalization;
using System.Text;
using SensorGrid.Cli.Ingesting;

namespace SensorGrid.Cli.Replaying;

/// <summary>A replay in words.</summary>
internal static class ReplayText
{
    public static string Progress(ReplayStatus status) => status.State == "waiting"
        ? "waiting for another replay to end"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{status.Readings:N0} readings, {status.Rate:N0} readings/s{(status.Left is { } left ? $", {ProgressText.Duration(left)} left" : "")}");

    public static string Summary(ReplayStatus status)
    {
        var (flags, text) = (status.Result!.Flags, new StringBuilder());
        text.Append(CultureInfo.InvariantCulture, $"{ProgressText.Count(status.Readings, "reading")} of {ProgressText.Count(status.Sensors, "sensor")}")
            .Append(CultureInfo.InvariantCulture, $" in {status.Seconds:0.0} s, {status.Rate:N0} readings/s; flags: {flags.Same} same, {flags.Moved} moved")
            .Append(CultureInfo.InvariantCulture, $", {flags.Gained} gained, {flags.Lost} lost");
        return flags.Clock == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $", {flags.Clock} told by the clock alone").ToString();
    }
}
