using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Queries;

/// <summary>A segment read back; its data is valid until the next one is asked for.</summary>
/// <param name="Span">The index of the span asked for that it overlaps.</param>
public readonly record struct StoredSegment(int Span, SegmentRow Row);
