using BenchmarkDotNet.Attributes;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;

namespace SensorGrid.Bench.Micro;

/// <summary>A reading into a row of the log: a partition's share of a request.</summary>
public class EncodeLogRow
{
    private const int Readings = 625;

    private readonly ReadingBlock _block = MicroInput.OneBlock(Readings);
    private readonly byte[] _row = new byte[LogRowCodec.MaxRow];

    [Benchmark(OperationsPerInvoke = Readings)]
    public int Run()
    {
        var bytes = 0;
        for (var at = 0; at < Readings;)
        {
            bytes += LogRowCodec.Encode(_block, at, _row, out var count);
            at += count;
        }
        return bytes;
    }
}
