namespace SensorGrid.Engine.Partitions;

/// <summary>Something that a partition's thread does between other things.</summary>
internal abstract class PartitionWork
{
    public abstract void Run(Partition partition);

    /// <summary>Called instead of <see cref="Run"/> where the partition has stopped.</summary>
    public abstract void Abandon(Exception reason);
}
