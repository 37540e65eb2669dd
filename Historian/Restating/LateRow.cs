using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Restating;

/// <summary>Late readings that wait to be merged; ids of one sensor ascend in the order of arrival.</summary>
/// <param name="IsToJudge">Whether they were so late that a replay judges them.</param>
public readonly record struct LateRow(long Id, SegmentRow Segment, bool IsToJudge);
