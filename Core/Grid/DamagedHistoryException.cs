using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Grid;

/// <summary>A stretch of a sensor's history cannot be read. Nothing is answered rather than too little: what is before and after it can be asked for.</summary>
/// <param name="from">The first reading's time, in microseconds since 1970.</param>
/// <param name="to">The last reading's.</param>
public sealed class DamagedHistoryException(string path, long from, long to, int readings, string reason, Exception? inner = null) : Exception(
    $"The history of {path} from {EventTime.Format(from)} to {EventTime.Format(to)} ({readings} readings) is damaged and cannot be read: {reason}. "
    + "What lies before and after it can be asked for.", inner)
{
    public string Path { get; } = path;

    /// <summary>The first reading's time, in microseconds since 1970.</summary>
    public long From { get; } = from;

    /// <summary>The last reading's.</summary>
    public long To { get; } = to;

    public int Readings { get; } = readings;

    public string Reason { get; } = reason;
}
