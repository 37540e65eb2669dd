using BenchmarkDotNet.Attributes;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest;
using SensorGrid.Ingest.LineProtocol;

namespace SensorGrid.Bench.Micro;

/// <summary>A line of line protocol, its sensor known: parsed and added to its partition's block.</summary>
public class DecodeLine
{
    private const int Lines = 10_000;

    private readonly byte[] _body;
    private readonly SensorCatalog _catalog;
    private readonly LineProtocolDecoder _decoder;

    public DecodeLine()
    {
        (_body, _catalog) = MicroInput.OneRequest(Lines);
        _decoder = new LineProtocolDecoder(_catalog);
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public int Run()
    {
        using var batch = new ReadingBatch(_catalog.Partitions);
        _decoder.Decode(_body, TimePrecision.Milliseconds, IngestDefaults.None, MicroInput.Start * 1000, batch, new Rejections());
        return batch.Count;
    }
}
