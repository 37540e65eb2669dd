namespace SensorGrid.Historian;

/// <summary>Another program has begun to write partitions that this one wrote.</summary>
public sealed class WriterReplacedException(IReadOnlyList<int> partitions)
    : Exception("another SensorGrid has taken over this database: end it, then start this one again")
{
    public IReadOnlyList<int> Partitions { get; } = partitions;
}
