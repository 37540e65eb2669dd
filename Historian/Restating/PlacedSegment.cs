using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Restating;

/// <summary>A stored segment and the place of its row, which is good until the transaction ends.</summary>
public readonly record struct PlacedSegment(string Place, SegmentRow Segment);
