using SensorGrid.Core.Grid;

namespace SensorGrid.Ingest;

public static class TimePrecisions
{
    /// <summary>Microseconds, digits below them cut off; false where the number does not fit an int64.</summary>
    public static bool TryToMicroseconds(this TimePrecision precision, ulong count, out long time)
    {
        var scale = precision switch
        {
            TimePrecision.Milliseconds => 1000UL,
            TimePrecision.Seconds => 1_000_000UL,
            _ => 1UL,
        };
        if (precision == TimePrecision.Nanoseconds)
        {
            count /= 1000;
        }
        time = (long)(count * scale);
        return count <= long.MaxValue / scale;
    }
}
