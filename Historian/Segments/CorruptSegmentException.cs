namespace SensorGrid.Historian.Segments;

/// <summary>Bytes that are not a segment or a log row, or no longer the one that was written.</summary>
public class CorruptSegmentException(string reason) : Exception($"Damaged history data: {reason}.")
{
    public string Reason { get; } = reason;
}
