using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Tests.Twins;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>
/// Any permutation, repetition, correction and batching of readings, with checkpoints, restating, stops and sudden ends in between, gives the rows and
/// answers of the sorted, distinct readings and those of a plain computation. A failure names its seed.
/// </summary>
[Collection(PostgresServer.Collection)]
public sealed class AnyOrderTests(PostgresServer server)
{
    private const int Cases = 60;

    private static readonly long[] Sizes = [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour, EventTime.Day];
    private static readonly GridOptions Options = new() { Partitions = 3, Seal = new SealPolicy(16, 4) };

    [Fact]
    public async Task However_readings_come_every_answer_is_that_of_the_sorted_distinct_ones()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, Options);
        var number = 0;
        await Task.Run(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases),
            Prop.ForAll(Deliveries.Any(4, 100), deliveries => AssertAsync(grid, database, deliveries, number++))));
        Assert.Equal(Cases, number);
    }

    // A factory of its own, in which each machine has one sensor written in order and one as the deliveries have it.
    private static async Task AssertAsync(TestGrid grid, string database, Deliveries deliveries, int number)
    {
        string Path(int sensor, string name) => $"case-{number}/m{sensor}/{name}-{number}";
        var sorted = deliveries.Sensors.ToDictionary(sensor => sensor, deliveries.Distinct);
        foreach (var (sensor, readings) in sorted)
        {
            await grid.WriteAsync(readings.Concat(After(readings)).Select(r => (Path(sensor, "sorted"), r)));
        }
        var written = sorted.Keys.ToDictionary(sensor => Path(sensor, "written"), _ => new PlainCounters());
        var model = new PlainModel();
        var request = new List<(string Path, Reading Reading)>();
        foreach (var delivery in deliveries.All.Concat(sorted.SelectMany(s => After(s.Value).Select(r => new Delivery(s.Key, r, Pause.None)))))
        {
            request.Add((Path(delivery.Sensor, "written"), delivery.Reading));
            if (delivery.Then != Pause.None)
            {
                await SendAsync(grid, request);
                await DoAsync(grid, delivery.Then);
            }
            model.Write(Path(delivery.Sensor, "written"), delivery.Reading);
            written[Path(delivery.Sensor, "written")].Write(delivery.Reading);
        }
        await SendAsync(grid, request);
        await DoAsync(grid, Pause.Restate);
        Assert.Equal(await RestatingTests.RowsAsync(database, $"sorted-{number}"), await RestatingTests.RowsAsync(database, $"written-{number}"));
        foreach (var sensor in sorted.Keys)
        {
            await AssertSensorAsync(grid, model, Path(sensor, "written"), Path(sensor, "sorted"));
            Assert.Equal(written[Path(sensor, "written")].Counters, (await grid.SensorAsync(Path(sensor, "written"))).Counters);
        }
    }

    private static async Task AssertSensorAsync(TestGrid grid, PlainModel model, string written, string sorted)
    {
        var readings = model.Readings(written);
        Assert.Equal(readings, await grid.ReadAsync(written));
        Assert.Equal(readings, await grid.ReadSqlAsync(written));
        foreach (var size in Sizes)
        {
            var windows = await grid.WindowsAsync(written, size, readings.First().Time, readings.Last().Time + 1);
            model.AssertWindows(written, size, windows);
            Assert.Equal(await grid.WindowsAsync(sorted, size, readings.First().Time, readings.Last().Time + 1), windows);
        }
        Assert.Equal((await grid.SensorAsync(sorted)).Windows, (await grid.SensorAsync(written)).Windows);
    }

    // What closes every window of before and seals it, whatever the order of the readings before was.
    private static IEnumerable<Reading> After(Reading[] readings)
    {
        var start = (readings[^1].Time / EventTime.Day * EventTime.Day) + (2 * EventTime.Day);
        return Enumerable.Range(0, 2 * Options.Seal.Capacity).Select(i => new Reading(start + (i * EventTime.Second), i));
    }

    private static async Task SendAsync(TestGrid grid, List<(string Path, Reading Reading)> request)
    {
        Assert.Equal(request.Count, (await grid.WriteAsync(request)).Accepted);
        request.Clear();
    }

    private static async Task DoAsync(TestGrid grid, Pause pause)
    {
        switch (pause)
        {
            case Pause.Checkpoint:
                await grid.Grid.CheckpointAsync(CancellationToken.None);
                break;
            case Pause.Restate:
                await grid.Grid.CheckpointAsync(CancellationToken.None);
                await grid.Grid.RestateAsync(CancellationToken.None);
                break;
            case Pause.Restart:
                await grid.StopAsync();
                await grid.StartAsync();
                break;
            case Pause.Kill:
                await grid.AbandonAsync();
                await grid.StartAsync();
                break;
        }
    }
}
