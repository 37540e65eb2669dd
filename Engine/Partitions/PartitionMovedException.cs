namespace SensorGrid.Engine.Partitions;

/// <summary>A partition is not, or not any more, in the memory that was asked: the asker looks again where it is, or leaves it for later.</summary>
internal sealed class PartitionMovedException(int partition) : Exception($"partition {partition} is moving to another process")
{
    public int Partition { get; } = partition;
}
