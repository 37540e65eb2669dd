using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Queries;

/// <summary>A segment read back.</summary>
/// <param name="Span">The index of the span asked for that it overlaps.</param>
/// <param name="Data">Valid until the next segment is asked for.</param>
public readonly record struct StoredSegment(int Span, int Sensor, long Start, long End, int Count, ReadOnlyMemory<byte> Data)
{
    /// <inheritdoc cref="SegmentRow.Decode"/>
    public Reading[] Decode() => new SegmentRow(Sensor, Start, End, Count, Data).Decode();
}
