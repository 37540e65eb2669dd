using Npgsql;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>Late readings end in the segments, in right window rows and in the counters, whatever happens on the way.</summary>
[Collection(PostgresServer.Collection)]
public sealed class RestatingTests(PostgresServer server)
{
    private const string Path = "f/m/temperature";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_late_reading_raises_the_revision_of_the_windows_that_it_changes_and_of_no_other()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var model = new PlainModel();
        await WriteAsync(grid, model, Every(EventTime.Minute, 0, 4 * 60));
        await SettleAsync(grid);
        Assert.Equal(["0 60", "0 60", "0 60"], await HoursAsync(database));

        // One that is new, one that is there, one that corrects.
        await WriteAsync(grid, model, [new Reading(TestGrid.Day + EventTime.Hour + 1, 7)]);
        await WriteAsync(grid, model, [new Reading(TestGrid.Day, 0)]);
        await WriteAsync(grid, model, [new Reading(TestGrid.Day + (2 * EventTime.Hour), 99)]);
        await SettleAsync(grid);

        Assert.Equal(["0 60", "1 61", "1 60"], await HoursAsync(database));
        Assert.Equal(0, await CountAsync(database, "select count(*) from late_segment"));
        await AssertWindowsAsync(grid, model);
        var counters = (await grid.SensorAsync(Path)).Counters;
        Assert.Equal((1, 3, 1), (counters.Duplicates, counters.Late, counters.Corrections));
        Assert.Equal(counters, (await grid.Grid.GetMachineAsync("f", "m", CancellationToken.None))!.Counters);
        await grid.AbandonAsync();
        await grid.StartAsync();
        Assert.Equal(counters, (await grid.SensorAsync(Path)).Counters);
    }

    [Fact]
    public async Task A_window_that_closes_without_a_late_reading_is_stored_with_it()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var model = new PlainModel();
        await WriteAsync(grid, model, Every(EventTime.Second, 0, 100));
        await WriteAsync(grid, model, [new Reading(TestGrid.Day + 1, 7)]);
        await SettleAsync(grid);
        await WriteAsync(grid, model, Every(EventTime.Minute, 60, 240));

        await SettleAsync(grid);

        Assert.Equal(["0 101", "0 60", "0 60"], await HoursAsync(database));
        await AssertWindowsAsync(grid, model);
    }

    [Fact]
    public async Task A_year_that_comes_behind_a_live_sensor_is_stored_and_merged()
    {
        const int Days = 365;
        const long Start = TestGrid.Day - (Days * EventTime.Day);
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var model = new PlainModel();
        await WriteAsync(grid, model, [.. Enumerable.Range(0, Days * 24).Select(i => new Reading(Start + (i * EventTime.Hour), i))]);
        await SettleAsync(grid);
        await WriteAsync(grid, model, [.. Enumerable.Range(0, Days * 24 * 12).Select(i => new Reading(Start + (i * 5 * EventTime.Minute) + 1, i % 100))]);

        await SettleAsync(grid);

        Assert.Equal(0, await CountAsync(database, "select count(*) from late_segment"));
        Assert.Equal(0, await CountAsync(database, "select count(*) from window_statistics where stale"));
        Assert.InRange(await CountAsync(database, "select count(*) from windows where size = '1 hour'"), (Days * 24) - 40, Days * 24);
        // All but the tail.
        Assert.InRange(await CountAsync(database, "select sum(count) from segment"), model.Count - SealPolicy.Default.Capacity, model.Count - 1);
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
        model.AssertWindows(Path, EventTime.Day, await grid.WindowsAsync(Path, EventTime.Day, Start, TestGrid.Day));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_order_repetition_correction_and_batching_gives_the_rows_of_the_sorted_distinct_readings(int seed)
    {
        var random = new Random(seed);
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, new GridOptions { Partitions = 2, Seal = new SealPolicy(16, 4) });
        var shuffled = new List<(string Path, Reading Reading)>();
        var sorted = new List<(string Path, Reading Reading)>();
        var counters = new Dictionary<string, PlainCounters>();
        const int Sensors = 12;
        for (var s = 0; s < Sensors; s++)
        {
            var written = new List<Reading>();
            var step = EventTime.Second << random.Next(10);
            for (var i = random.Next(1, 400); i > 0; i--)
            {
                written.Add(written.Count > 0 && random.Next(5) == 0
                    ? random.Next(2) == 0 ? written[random.Next(written.Count)] : new Reading(written[random.Next(written.Count)].Time, Value(random))
                    : new Reading(TestGrid.Day + random.NextInt64(400 * step), Value(random)));
            }
            // What follows closes every window of before.
            var after = Enumerable.Range(0, 40).Select(i => new Reading(TestGrid.Day + (10 * EventTime.Day) + (i * EventTime.Minute), i));
            shuffled.AddRange(written.Concat(after).Select(r => ($"f/m{s}/late", r)));
            sorted.AddRange(written.GroupBy(r => r.Time).Select(g => g.Last()).OrderBy(r => r.Time).Concat(after).Select(r => ($"f/m{s}/sorted", r)));
        }
        foreach (var (path, reading) in shuffled)
        {
            (counters.TryGetValue(path, out var known) ? known : counters[path] = new PlainCounters()).Write(reading);
        }
        await grid.WriteAsync(sorted);
        for (var at = 0; at < shuffled.Count;)
        {
            var count = Math.Min(random.Next(1, 400), shuffled.Count - at);
            await grid.WriteAsync(shuffled.GetRange(at, count));
            at += count;
            if (random.Next(3) == 0)
            {
                await SettleAsync(grid);
            }
        }
        await SettleAsync(grid);

        var rows = await RowsAsync(database, "sorted");
        Assert.NotEmpty(rows);
        Assert.Equal(rows, await RowsAsync(database, "late"));
        foreach (var (path, model) in counters)
        {
            Assert.Equal(model.Counters, (await grid.SensorAsync(path)).Counters);
        }
        for (var s = 0; s < Sensors; s++)
        {
            var kinds = (await grid.Grid.GetMachineAsync("f", $"m{s}", CancellationToken.None))!.Kinds;
            Assert.Equal(kinds.Single(k => k.Kind == "sorted").Windows, kinds.Single(k => k.Kind == "late").Windows);
        }
    }

    [Fact]
    public async Task A_sudden_end_in_the_middle_leaves_every_answer_as_it_was()
    {
        var random = new Random(7);
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var model = new PlainModel();
        var counters = Enumerable.Range(0, 1500).ToDictionary(s => $"f/m{s % 50}/s{s}", _ => new PlainCounters());
        async Task WriteAllAsync(Func<Reading> next, int times)
        {
            var batch = counters.Keys.SelectMany(path => Enumerable.Range(0, times).Select(_ => (path, next()))).ToArray();
            await grid.WriteAsync(batch);
            foreach (var (path, reading) in batch)
            {
                model.Write(path, reading);
                counters[path].Write(reading);
            }
        }
        for (var i = 0; i < 60; i++)
        {
            await WriteAllAsync(() => new Reading(TestGrid.Day + (i * 5 * EventTime.Minute), i), 1);
        }
        for (var round = 0; round < 4; round++)
        {
            await WriteAllAsync(() => new Reading(TestGrid.Day + (random.Next(120) * 2 * EventTime.Minute), random.Next(3)), 2);
            await grid.Grid.CheckpointAsync(CancellationToken.None).WaitAsync(Patience);
            var draining = grid.Grid.RestateAsync(CancellationToken.None);
            // The connections go while batches are being written.
            await CountAsync(database, $"select count(*) from generate_series(1, {random.Next(1, 300_000)})");
            await CountAsync(database, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
            await grid.AbandonAsync();
            // It was through already, or fails: both are well.
            await Task.WhenAny(draining).WaitAsync(Patience);
            await grid.StartAsync();
        }
        await SettleAsync(grid);

        Assert.Equal(0, await CountAsync(database, "select count(*) from late_segment"));
        foreach (var path in counters.Keys.Where((_, i) => i % 37 == 0))
        {
            Assert.Equal(model.Readings(path), await grid.ReadAsync(path));
            Assert.Equal(model.Readings(path), await grid.ReadSqlAsync(path));
            Assert.Equal(counters[path].Counters, (await grid.SensorAsync(path)).Counters);
            model.AssertWindows(path, EventTime.Hour, await grid.WindowsAsync(path, EventTime.Hour, TestGrid.Day, TestGrid.Day + EventTime.Day));
        }
    }

    [Fact]
    public async Task A_damaged_segment_holds_up_its_own_sensor_only()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        string[] paths = ["f/m/a", "f/m/b", "f/m/c"];
        foreach (var path in paths)
        {
            await grid.WriteAsync(Every(EventTime.Minute, 0, 240).Select(r => (path, r)));
        }
        await SettleAsync(grid);
        await CountAsync(database, "with x as (update segment set data = set_byte(data, 20, get_byte(data, 20) # 1) from sensor s where s.id = segment.sensor and s.sensor = 'b' returning 1) select count(*) from x");
        await grid.WriteAsync(paths.Select(p => (p, new Reading(TestGrid.Day + 1, 5))));

        await SettleAsync(grid);

        Assert.Equal(1, await CountAsync(database, "select count(*) from late_segment"));
        Assert.Equal(2, await CountAsync(database, "select count(*) from windows where count = 61 and revision = 1"));
        Assert.True(grid.Grid.Info.IsReady);
    }

    private static double Value(Random random) => Math.Round(random.NextDouble() * 100, random.Next(5));

    private static Reading[] Every(long step, int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(i => new Reading(TestGrid.Day + (i * step), i % 10))];

    private static async Task WriteAsync(TestGrid grid, PlainModel model, Reading[] readings)
    {
        await grid.WriteAsync(readings.Select(r => (Path, r)));
        Array.ForEach(readings, r => model.Write(Path, r));
    }

    private static async Task SettleAsync(TestGrid grid)
    {
        await grid.Grid.CheckpointAsync(CancellationToken.None).WaitAsync(Patience);
        await grid.Grid.RestateAsync(CancellationToken.None).WaitAsync(Patience);
    }

    private static async Task AssertWindowsAsync(TestGrid grid, PlainModel model)
    {
        foreach (var size in new[] { EventTime.Minute, EventTime.Hour, EventTime.Day })
        {
            model.AssertWindows(Path, size, await grid.WindowsAsync(Path, size, TestGrid.Day, TestGrid.Day + EventTime.Day));
        }
    }

    // Revision and count of each.
    private static Task<List<string>> HoursAsync(string database) =>
        QueryAsync(database, "select revision || ' ' || count from windows where size = '1 hour' order by start");

    // All of them, to the bit, without the revision.
    internal static Task<List<string>> RowsAsync(string database, string sensor) => QueryAsync(
        database,
        $"""
        select s.machine || (to_jsonb(w) - 'sensor' - 'revision')::text from window_statistics w join sensor s on s.id = w.sensor
        where s.sensor = '{sensor}' order by s.machine, size_seconds, start_time
        """);

    private static async Task<long> CountAsync(string database, string sql) => long.Parse((await QueryAsync(database, sql))[0]);

    private static async Task<List<string>> QueryAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync();
        var result = new List<string>();
        while (await rows.ReadAsync())
        {
            result.Add(rows.GetValue(0).ToString()!);
        }
        return result;
    }
}
