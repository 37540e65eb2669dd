using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Readings;

/// <summary>The readings of one write, split by partition as they are decoded. Not thread-safe: one owner at a time.</summary>
public sealed class ReadingBatch(int partitions) : IDisposable
{
    private readonly ReadingBlock?[] _blocks = new ReadingBlock?[partitions];
    private HashSet<int>? _provisional;

    public int Partitions => _blocks.Length;

    public int Count { get; private set; }

    public void Add(SensorKey sensor, long time, double value, Quality quality)
    {
        var block = _blocks[sensor.Partition] ??= new ReadingBlock();
        block.Add(sensor.Id, time, value, quality);
        Count++;
        if (sensor.Id < 0)
        {
            (_provisional ??= []).Add(sensor.Id);
        }
    }

    /// <summary>The provisional ids among its sensors, below 0, each once.</summary>
    public IReadOnlyCollection<int> Provisional => _provisional ?? [];

    /// <summary>Gives the readings of sensors with provisional ids those that they have got.</summary>
    public void Replace(Func<int, int> id)
    {
        if (_provisional is null)
        {
            return;
        }
        foreach (var block in _blocks)
        {
            block?.ReplaceProvisional(id);
        }
        _provisional = null;
    }

    /// <summary>The readings of a partition; null where it has none.</summary>
    public ReadingBlock? Block(int partition) => _blocks[partition];

    /// <summary>Takes the readings of a partition over, which it has none of.</summary>
    public void Put(int partition, ReadingBlock block)
    {
        _blocks[partition] = block;
        Count += block.Count;
    }

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
