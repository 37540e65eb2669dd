namespace SensorGrid.Historian.Segments;

/// <summary>A stored segment that does not decode to what its row says. Times are microseconds since 1970, both inclusive.</summary>
public sealed class DamagedSegmentException(int sensor, long start, long end, int count, string reason) : CorruptSegmentException(reason)
{
    public int Sensor { get; } = sensor;

    public long Start { get; } = start;

    public long End { get; } = end;

    /// <summary>Readings that it held.</summary>
    public int Count { get; } = count;
}
