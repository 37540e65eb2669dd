namespace SensorGrid.Historian.Segments;

/// <summary>A segment as it lies in the table: readings of one sensor, first and last time inclusive (microseconds since 1970).</summary>
public readonly record struct SegmentRow(int Sensor, long Start, long End, int Count, ReadOnlyMemory<byte> Data);
