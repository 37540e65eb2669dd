using System.Collections;

namespace SensorGrid.Engine.Partitions;

/// <summary>The partitions whose twins live in this process, by number: in the embedded host all of them. Any thread.</summary>
internal sealed class OwnedPartitions(int partitions) : IEnumerable<Partition>
{
    private readonly Partition?[] _partitions = new Partition?[partitions];

    /// <summary>How many partitions there are, whoever owns them.</summary>
    public int All => _partitions.Length;

    public IReadOnlyList<int> Numbers => [.. this.Select(p => p.Number)];

    /// <summary>Null where another process owns it.</summary>
    public Partition? this[int number] => Volatile.Read(ref _partitions[number]);

    public void Add(Partition partition) => Volatile.Write(ref _partitions[partition.Number], partition);

    /// <returns>False where it was not, or not any more, among them.</returns>
    public bool Remove(Partition partition) => Interlocked.CompareExchange(ref _partitions[partition.Number], null, partition) == partition;

    public IEnumerator<Partition> GetEnumerator()
    {
        for (var p = 0; p < _partitions.Length; p++)
        {
            if (this[p] is { } partition)
            {
                yield return partition;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
