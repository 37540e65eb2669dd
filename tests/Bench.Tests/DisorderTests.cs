using SensorGrid.Bench.Ingest;
using SensorGrid.Bench.Plant;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest;

namespace SensorGrid.Bench.Tests;

public sealed class DisorderTests
{
    private const long Start = 1_700_000_000_000;
    private const int Sensors = 20;

    private static readonly PlantLayout Layout = new(Sensors);
    private static readonly PlantSignal Signal = new(Sensors, seed: 3);

    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0, 0.1)]
    [InlineData(0.3, 0.3)]
    public void The_shares_asked_for_come_beside_the_readings_in_order(double late, double duplicates)
    {
        const int Steps = 5000;
        var generator = new PayloadGenerator(Layout, Signal, Start, 2, 100, disorder: new Disorder(late, duplicates, seed: 5));
        var newest = new Dictionary<string, long>();
        var seen = new Dictionary<string, HashSet<long>>();
        var (all, isLate, isRepeated) = (0, 0, 0);
        foreach (var steps in new[] { Steps - 500, 500 })
        {
            foreach (var (path, reading) in Decode(generator.Next(steps)))
            {
                all++;
                var times = seen.TryGetValue(path, out var known) ? known : seen[path] = [];
                var by = newest.GetValueOrDefault(path) - reading.Time;
                var isNew = times.Add(reading.Time);
                isLate += by > 0 && isNew ? 1 : 0;
                isRepeated += isNew ? 0 : 1;
                Assert.InRange(by, long.MinValue, (Disorder.MaxSteps + 1) * EventTime.Second);
                newest[path] = Math.Max(newest.GetValueOrDefault(path), reading.Time);
            }
        }

        Assert.Equal(Steps * Sensors, all - isLate - isRepeated);
        Assert.InRange(isLate, (late * 0.97 * all) - 1, late * 1.03 * all);
        Assert.InRange(isRepeated, duplicates * 0.97 * all, (duplicates * 1.03 * all) + (0.001 * all));
        for (var sensor = 0; sensor < Sensors; sensor++)
        {
            Assert.Equal(seen[PlantLayout.Path(sensor)].Order(), generator.Times(sensor).Select(t => t * 1000).Order());
        }
    }

    [Fact]
    public void Late_readings_are_spread_over_the_hour()
    {
        var disorder = new Disorder(0.1, 0, seed: 5);
        var late = Enumerable.Range(0, 100_000).Select(step => disorder.LateBy(7, step)).OfType<int>().ToArray();

        Assert.All(Enumerable.Range(0, 6), part => Assert.InRange(late.Count(by => by / 600_000 == part), late.Length * 0.15, late.Length * 0.185));
    }

    [Fact]
    public void A_backfill_is_the_day_whatever_the_order_of_its_hours()
    {
        const int Hour = 3_600_000;
        Payload[] hours = [.. Enumerable.Range(0, 4).Select(hour => new PayloadGenerator(Layout, Signal, Start + (hour * Hour), 2, 100, 20_000).Next(180))];
        Payload[] shuffled = [hours[2], hours[0], hours[3], hours[1]];

        var (inOrder, backfill) = (Decode(BackfillBench.Join(hours)), Decode(BackfillBench.Join(shuffled)));

        Assert.Equal(4 * 180 * Sensors, inOrder.Count);
        Assert.Equal(inOrder.OrderBy(r => r.Path).ThenBy(r => r.Reading.Time), backfill.OrderBy(r => r.Path).ThenBy(r => r.Reading.Time));
        Assert.Equal((Start + (2 * Hour)) * 1000, backfill[0].Reading.Time);
    }

    [Fact]
    public void Endless_requests_are_those_of_the_rounds()
    {
        var generator = new PayloadGenerator(Layout, Signal, Start, 1, 7);
        var whole = generator.Next(3).Sources[0].Where(r => r.Lines == 7).ToArray();

        var endless = generator.Endless(0).Take(whole.Length).Select(r => r.Bytes.ToArray()).ToArray();

        Assert.Equal(whole.Select(r => r.Bytes.ToArray()), endless);
    }

    private static List<(string Path, Reading Reading)> Decode(Payload payload)
    {
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        using var batch = new ReadingBatch(1);
        var rejections = new Rejections();
        foreach (var request in payload.Sources.SelectMany(requests => requests))
        {
            new ReadingsDecoder(catalog).Decode(
                request.Body, new DecodeOptions { Format = InputFormat.LineProtocol, Precision = TimePrecision.Milliseconds }, Start * 1000, batch, rejections);
        }
        Assert.Equal(0, rejections.Count);
        var block = batch.Block(0)!;
        return [.. Enumerable.Range(0, block.Count).Select(i => (catalog[block.Sensors[i]]!.Path, block[i]))];
    }
}
