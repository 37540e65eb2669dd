using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest;

/// <summary>The times that readings may have.</summary>
/// <param name="Now">The wall clock, microseconds since 1970-01-01 UTC: the time of readings without one.</param>
/// <param name="Oldest">Where retention has cut the history: nothing older is taken.</param>
public readonly record struct TimeLimits(long Now, long Oldest = EventTime.Min)
{
    internal long Latest => Math.Min(EventTime.Max, Now + EventTime.MaxAhead);

    public static implicit operator TimeLimits(long now) => new(now);

    /// <summary>Why a reading may not have this time; null where it may.</summary>
    internal string? Fault(long time) =>
        time is < EventTime.Min or > EventTime.Max ? TimeText.OutOfRange
        : time > Now + EventTime.MaxAhead ? TimeText.TooFarAhead
        : time < Oldest ? $"the time lies before {EventTime.Format(Oldest)}, where retention has cut the history"
        : null;
}
