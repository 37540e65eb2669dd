using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Readings;

/// <summary>The readings of one write, split by partition as they are decoded. Not thread-safe: one owner at a time.</summary>
public sealed class ReadingBatch(int partitions) : IDisposable
{
    private readonly ReadingBlock?[] _blocks = new ReadingBlock?[partitions];

    public int Partitions => _blocks.Length;

    public int Count { get; private set; }

    public void Add(SensorKey sensor, long time, double value, Quality quality)
    {
        var block = _blocks[sensor.Partition] ??= new ReadingBlock();
        block.Add(sensor.Id, time, value, quality);
        Count++;
    }

    /// <summary>The readings of a partition; null where it has none.</summary>
    public ReadingBlock? Block(int partition) => _blocks[partition];

    /// <summary>Hands the block of a partition over: the caller disposes it from now on.</summary>
    public ReadingBlock? Take(int partition)
    {
        var block = _blocks[partition];
        _blocks[partition] = null;
        Count -= block?.Count ?? 0;
        return block;
    }

    public void Dispose()
    {
        for (var i = 0; i < _blocks.Length; i++)
        {
            _blocks[i]?.Dispose();
            _blocks[i] = null;
        }
        Count = 0;
    }
}
