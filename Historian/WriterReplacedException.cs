namespace SensorGrid.Historian;

/// <summary>This program does not write some partitions any more.</summary>
/// <param name="partitions">All of them.</param>
/// <param name="takenOver">Those among them that another program has taken over, told once.</param>
public sealed class WriterReplacedException(IReadOnlyList<int> partitions, IReadOnlyList<int> takenOver)
    : Exception("another SensorGrid has taken over this database: end it, then start this one again")
{
    public IReadOnlyList<int> Partitions { get; } = partitions;

    public IReadOnlyList<int> TakenOver { get; } = takenOver;
}
