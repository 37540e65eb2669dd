using SensorGrid.Bench.Plant;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Bench.Micro;

/// <summary>The plant's readings, as the micro-benchmarks take them.</summary>
internal static class MicroInput
{
    /// <summary>Milliseconds since 1970.</summary>
    public const long Start = 1_790_000_000_000;

    private const int Seed = 1;

    /// <summary>Readings of one sensor, a second apart.</summary>
    public static Reading[] OneSensor(int count)
    {
        var signal = new PlantSignal(1, Seed);
        return [.. Enumerable.Range(0, count).Select(i => At(signal, 0, i))];
    }

    /// <summary>One reading of each of <paramref name="count"/> sensors, as one partition takes them in.</summary>
    public static ReadingBlock OneBlock(int count)
    {
        var signal = new PlantSignal(count, Seed);
        var block = new ReadingBlock();
        for (var sensor = 0; sensor < count; sensor++)
        {
            var reading = At(signal, sensor, 0);
            block.Add(sensor, reading.Time, reading.Value, reading.Quality);
        }
        return block;
    }

    /// <summary>The body of a request with one line of each sensor, and a catalog that does not know them yet.</summary>
    public static (byte[] Body, SensorCatalog Catalog) OneRequest(int sensors)
    {
        var generator = new PayloadGenerator(new PlantLayout(sensors), new PlantSignal(sensors, Seed), Start, 1, sensors);
        return (generator.Next(1).Sources[0][0].Body.ToArray(), new SensorCatalog(16, CatalogLimits.Default));
    }

    public static Reading At(PlantSignal signal, int sensor, int step)
    {
        var time = (Start + (step * 1000L)) * 1000;
        return new Reading(time, signal.At(sensor, time) / 100.0);
    }
}
