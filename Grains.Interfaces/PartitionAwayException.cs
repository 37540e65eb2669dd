namespace SensorGrid.Grains;

/// <summary>A partition is on its way to another silo, or being recovered: asked again in a moment it answers.</summary>
[GenerateSerializer]
public sealed class PartitionAwayException(int partition, string? reason = null)
    : Exception($"partition {partition} is on its way to another silo{(reason is null ? "" : $": {reason}")}")
{
    [Id(0)]
    public int Partition { get; } = partition;
}
