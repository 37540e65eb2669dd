using System.Diagnostics.Metrics;
using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>Late readings are merged and judged without being asked to, in their time, and figures tell how far that is.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LateWaitingTests(PostgresServer server)
{
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);

    private static readonly Reading[] Readings =
        [.. Enumerable.Range(0, 400).Select(i => new Reading(TestGrid.Day + (i * EventTime.Second), i % 100 == 50 ? 70 : 20))];

    [Fact]
    public async Task A_span_waits_while_more_of_its_sensor_is_on_its_way_though_not_for_ever()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, new GridOptions { Partitions = 1 }, Limits, new HurriedTime());
        string[] paths = ["f/m/more-comes", "f/m/done"];
        await grid.WriteAsync(paths.SelectMany(p => Readings.Where((_, i) => i is < 100 or >= 300).Select(r => (p, r))));
        await grid.WriteAsync(paths.SelectMany(p => Readings[100..200].Select(r => (p, r))));
        await using (await TableLock.TakeAsync(database, "late_span"))
        {
            await grid.Grid.CheckpointAsync(CancellationToken.None);
            await grid.WriteAsync(Readings[200..300].Select(r => (paths[0], r)));
        }

        // Sensors are looked at in their order: when the second has its flag the first was passed over.
        await Eventually.TrueAsync(async () => (await BackfilledAsync(grid, paths[1])).Count == 1, "the sensor of which all is there is judged");
        Assert.Empty(await BackfilledAsync(grid, paths[0]));
        Assert.Equal(1, await ChangeAsync(database, "update late_span set queued = queued - interval '1 hour'"));
        await Eventually.TrueAsync(async () => (await BackfilledAsync(grid, paths[0])).Count == 1, "what has waited for long is judged");
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await Eventually.TrueAsync(async () => (await BackfilledAsync(grid, paths[0])).Count == 2, "the rest follows");
        Assert.Equal([Readings[150].Time, Readings[250].Time], (await BackfilledAsync(grid, paths[0])).Order());
    }

    [Fact]
    public async Task What_finds_its_place_in_memory_is_on_its_way_too()
    {
        var database = await server.CreateDatabaseAsync();
        var options = new GridOptions { Partitions = 1, Seal = new SealPolicy(4096, 4000) };
        await using var grid = await TestGrid.StartAsync(database, options, Limits, new HurriedTime());
        string[] paths = ["f/m/more-comes", "f/m/done"];
        await grid.WriteAsync(paths.SelectMany(p => Readings.Where((_, i) => i is < 100 or >= 300).Select(r => (p, r))));
        await grid.WriteAsync(paths.SelectMany(p => Readings[100..200].Select(r => (p, r))));
        Task checkpoint;
        await using (await TableLock.TakeAsync(database, "late_span"))
        {
            checkpoint = grid.Grid.CheckpointAsync(CancellationToken.None);
            await Eventually.TrueAsync(
                async () => await Table.ScalarAsync<long>(
                    database, "select count(*) from pg_locks where relation = 'late_span'::regclass and mode = 'RowExclusiveLock' and not granted") == 1,
                "the checkpoint has captured what there is");
            await grid.WriteAsync(Readings[200..300].Select(r => (paths[0], r)));
        }
        await checkpoint;

        await Eventually.TrueAsync(async () => (await BackfilledAsync(grid, paths[1])).Count == 1, "the sensor of which all is there is judged");
        Assert.Empty(await BackfilledAsync(grid, paths[0]));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await Eventually.TrueAsync(async () => (await BackfilledAsync(grid, paths[0])).Count == 2, "both follow");
    }

    [Fact]
    public async Task Figures_tell_what_waits_was_merged_restated_and_flagged()
    {
        var figures = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "SensorGrid.Engine")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (figures)
            {
                figures[instrument.Name] = instrument is ObservableGauge<long> ? value : figures.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.Start();
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, rules: Limits);
        async Task<(long Waiting, long Merged, long Restated, long Flagged)> FiguresAsync()
        {
            await grid.SensorAsync("f/m/s");
            listener.RecordObservableInstruments();
            lock (figures)
            {
                return (figures["sensorgrid.late.waiting"], figures.GetValueOrDefault("sensorgrid.late.merged"),
                    figures.GetValueOrDefault("sensorgrid.windows.restated"), figures.GetValueOrDefault("sensorgrid.flags.backfilled"));
            }
        }
        // What follows hours later closes the windows of before.
        var after = Enumerable.Range(0, 40).Select(i => new Reading(TestGrid.Day + (3 * EventTime.Hour) + i, 20));
        await grid.WriteAsync(Readings.Where((_, i) => i is < 100 or >= 300).Concat(after).Select(r => ("f/m/s", r)));
        await grid.WriteAsync(Readings[90..300].Select(r => ("f/m/s", r)));
        Assert.Equal((210, 0, 0, 0), await FiguresAsync());

        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.RestateAsync(CancellationToken.None);

        // The first hour alone: it had closed.
        Assert.Equal((0, 210, 1, 2), await FiguresAsync());
        await grid.WriteAsync(Readings[..90].Select(r => ("f/m/s", r)));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.AbandonAsync();
        await grid.StartAsync();
        await grid.Grid.RestateAsync(CancellationToken.None);
        Assert.Equal((0, 300, 2), await FiguresAsync() is var (waiting, merged, _, flagged) ? (waiting, merged, flagged) : default);
    }

    private static async Task<List<long>> BackfilledAsync(TestGrid grid, string path) =>
        [.. (await grid.Grid.GetFlagsAsync(new FlagQuery(Path: path), CancellationToken.None)).Where(f => f.Backfilled).Select(f => f.From)];

    private static async Task<int> ChangeAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
