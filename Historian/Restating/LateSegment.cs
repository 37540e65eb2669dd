using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Restating;

/// <summary>Late readings on their way into the queue.</summary>
/// <param name="IsToJudge">Whether they were so late that a replay judges them.</param>
public readonly record struct LateSegment(SegmentRow Segment, bool IsToJudge);
