using System.Buffers;
using SensorGrid.Cli.Simulation;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest;

namespace SensorGrid.Cli.Tests.Simulation;

/// <summary>Line protocol as the grid reads it: readings by path, in their order. A refused line fails the test.</summary>
internal sealed class PlantReadings
{
    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);
    private readonly ReadingsDecoder _decoder;
    private readonly Rejections _rejections = new();

    public PlantReadings() => _decoder = new ReadingsDecoder(_catalog);

    public Dictionary<string, List<Reading>> Readings { get; } = [];

    /// <summary>So many seconds of a plant.</summary>
    public static PlantReadings Of(PlantSettings settings, DateTimeOffset live, DateTimeOffset from, int seconds)
    {
        var plant = new PlantSimulator(settings, live);
        var lines = new ArrayBufferWriter<byte>();
        var readings = new PlantReadings();
        for (var second = 0; second < seconds; second++)
        {
            plant.Step(from.AddSeconds(second), lines);
            readings.Read(lines.WrittenSpan);
            lines.ResetWrittenCount();
        }
        return readings;
    }

    public void Read(ReadOnlySpan<byte> lines)
    {
        using var batch = new ReadingBatch(1);
        _decoder.Decode(lines, new DecodeOptions { Format = InputFormat.LineProtocol }, EventTime.Max - EventTime.MaxAhead, batch, _rejections);
        Assert.Empty(_rejections.Kept);
        if (batch.Block(0) is not { } block)
        {
            return;
        }
        for (var i = 0; i < block.Count; i++)
        {
            var path = _catalog[block.Sensors[i]]!.Path;
            if (!Readings.TryGetValue(path, out var list))
            {
                Readings[path] = list = [];
            }
            list.Add(new Reading(block.Times[i], block.Values[i], block.Qualities[i]));
        }
    }
}
