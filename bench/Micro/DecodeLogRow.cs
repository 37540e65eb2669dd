using BenchmarkDotNet.Attributes;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;

namespace SensorGrid.Bench.Micro;

/// <summary>A reading out of a row of the log, as after a crash.</summary>
public class DecodeLogRow
{
    private const int Readings = 500;

    private readonly ReadingBlock _block = new();
    private readonly byte[] _row;

    public DecodeLogRow()
    {
        using var block = MicroInput.OneBlock(Readings);
        var row = new byte[LogRowCodec.MaxRow];
        var length = LogRowCodec.Encode(block, 0, row, out var count);
        _row = count == Readings ? row[..length] : throw new InvalidOperationException($"A row holds {count} readings.");
    }

    [Benchmark(OperationsPerInvoke = Readings)]
    public int Run()
    {
        _block.Truncate();
        LogRowCodec.Decode(_row, _block);
        return _block.Count;
    }
}
