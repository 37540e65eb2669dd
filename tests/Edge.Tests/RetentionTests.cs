using Microsoft.Extensions.Logging;
using Npgsql;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Retention;

namespace SensorGrid.Edge.Tests;

[Collection(PostgresServer.Collection)]
public sealed class RetentionTests(PostgresServer server)
{
    private const string Steady = "f/m1/steady-1";
    private const string Late = "f/m2/late-1";
    private const string Silent = "f/m3/silent-1";
    private const long Begin = TestGrid.Day;
    private const long Now = Begin + (5 * EventTime.Day) + (12 * EventTime.Hour);

    // Kept for two days, now in the middle of the sixth: cut where the fourth begins.
    private const long Cut = Begin + (3 * EventTime.Day);

    private static readonly string[] Paths = [Steady, Late, Silent];
    private static readonly long[] Sizes = [EventTime.Minute, EventTime.Hour, EventTime.Day];

    [Fact]
    public async Task Readings_go_and_their_stored_windows_stay_whole()
    {
        var database = await server.CreateDatabaseAsync();
        var (filled, before) = await FilledAsync(database, new() { Readings = TimeSpan.FromDays(2) });
        await using var grid = filled;

        await CutAsync(grid);
        await AssertCutAsync(grid, database, before);

        // What is late and cut is not brought back.
        await grid.Grid.RestateAsync(CancellationToken.None);
        await AssertCutAsync(grid, database, before);

        // What the silent sensor's window still held closes now, and a checkpoint would write it.
        await grid.WriteAsync(Enumerable.Range(0, 40).Select(i => (Silent, new Reading(Now + (i * EventTime.Minute), i, Quality.Good))));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await AssertCutAsync(grid, database, before);

        await grid.StopAsync();
        await grid.StartAsync();
        await AssertCutAsync(grid, database, before);
    }

    [Fact]
    public async Task What_is_older_than_the_cut_is_refused_with_the_reason()
    {
        var database = await server.CreateDatabaseAsync();
        var (filled, _) = await FilledAsync(database, new() { Readings = TimeSpan.FromDays(2) });
        await using var grid = filled;
        await CutAsync(grid);

        var report = await grid.WriteAsync([(Steady, new Reading(Cut - 1, 1, Quality.Good)), (Steady, new Reading(Cut, 1, Quality.Good))]);

        Assert.Equal((1, 1), (report.Accepted, report.Rejected));
        Assert.Equal("the time lies before 2025-11-23T00:00:00.000000Z, where retention has cut the history", report.Errors[0].Reason);
        Assert.Equal(report.Errors[0].Reason, (await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None))[0].Reason);
    }

    [Fact]
    public async Task Stored_windows_go_and_are_computed_from_the_readings()
    {
        var database = await server.CreateDatabaseAsync();
        var (filled, before) = await FilledAsync(database, new() { Windows = TimeSpan.FromDays(2) });
        await using var grid = filled;
        await CutAsync(grid);

        Assert.Equal(0, await CountAsync(database, $"select count(*) from window_statistics where start_time < {Cut}"));
        Assert.Equal(Cut, grid.Grid.Info.Retention.StoredWindows);
        Assert.Equal(0, grid.Grid.Info.Retention.Windows(EventTime.Day));
        foreach (var (key, windows) in await AnswersAsync(grid))
        {
            AssertSame(before[key], windows, key);
        }
    }

    [Fact]
    public async Task Where_both_go_nothing_older_is_answered()
    {
        var database = await server.CreateDatabaseAsync();
        var both = new RetentionOptions { Readings = TimeSpan.FromDays(2), Windows = TimeSpan.FromDays(2) };
        var (filled, before) = await FilledAsync(database, both);
        await using var grid = filled;

        await CutAsync(grid);

        foreach (var (key, windows) in await AnswersAsync(grid))
        {
            AssertSame([.. before[key].Where(w => w.Start >= Cut)], windows, key);
        }
        Assert.Equal(Cut, grid.Grid.Info.Retention.Windows(EventTime.Day));
    }

    [Fact]
    public async Task Closed_flags_and_dead_letters_go_and_open_flags_stay()
    {
        var database = await server.CreateDatabaseAsync();
        var clock = new SetClock(Now);
        var rules = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "path": "f/*/*", "limits": { "h": 50 } } ] }"""u8.ToArray());
        var kept = new RetentionOptions { Flags = TimeSpan.FromDays(2), DeadLetters = TimeSpan.FromDays(1) };
        await using var grid = await TestGrid.StartAsync(database, Keeping(kept), rules, clock);
        await grid.WriteAsync(
        [
            (Steady, new Reading(Begin, 90, Quality.Good)), (Steady, new Reading(Begin + EventTime.Hour, 1, Quality.Good)),
            (Steady, new Reading(Now - EventTime.Hour, 90, Quality.Good)), (Steady, new Reading(Now, 1, Quality.Good)),
            (Silent, new Reading(Begin, 90, Quality.Good)),
        ]);
        await grid.WriteLinesAsync("no line");
        // Before any sweep can know of them.
        Assert.Equal(3, (await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None)).Count);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await ExecuteAsync(database, $"update dead_letter set time = time_of({Now - EventTime.Day - 1})");
        await grid.WriteLinesAsync("another");
        await ExecuteAsync(database, $"update dead_letter set time = time_of({Now}) where raw = 'another'");

        await grid.Grid.SweepAsync(CancellationToken.None);

        Assert.Equal(
            [(Steady, Now - EventTime.Hour, AlarmState.Cleared), (Silent, Begin, AlarmState.Active)],
            (await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None)).Select(f => (f.Path, f.From, f.State)));
        Assert.Equal(2, await CountAsync(database, "select count(*) from flag"));
        Assert.Equal("another"u8.ToArray(), Assert.Single(await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None)).Raw);
        Assert.Equal((Now - (2 * EventTime.Day), Now - EventTime.Day), (grid.Grid.Info.Retention.Flags, grid.Grid.Info.Retention.DeadLetters));
    }

    [Fact]
    public async Task A_statement_that_the_store_refuses_is_told_and_ends_nothing()
    {
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$");
        await ExecuteAsync(database, "create trigger refuse before insert on retention execute function refuse()");
        using var logs = new LogLines();
        await using var grid = new TestGrid(database, Keeping(new() { Flags = TimeSpan.FromDays(2) }), time: new SetClock(Now))
        {
            Loggers = LoggerFactory.Create(l => l.AddProvider(logs)),
        };

        await grid.StartAsync();

        bool IsTold() => logs.Lines.Any(l => l.Level == LogLevel.Warning && l.Text.Contains("not now", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => IsTold() || grid.Grid.Failed.IsCompleted, "the first sweep is over");
        Assert.False(grid.Grid.Failed.IsCompleted);
        Assert.True(grid.Grid.Info.IsReady);
    }

    [Fact]
    public async Task By_default_nothing_goes()
    {
        var database = await server.CreateDatabaseAsync();
        var (filled, _) = await FilledAsync(database, new(), Now + (10_000 * EventTime.Day));
        await using var grid = filled;
        var (segments, windows) = (await CountAsync(database, "select count(*) from segment"), await CountAsync(database, "select count(*) from window_statistics"));

        await CutAsync(grid);

        Assert.Equal((segments, windows), (await CountAsync(database, "select count(*) from segment"), await CountAsync(database, "select count(*) from window_statistics")));
        Assert.Equal(GridRetention.None with { StoredWindowSize = EventTime.Hour }, grid.Grid.Info.Retention);
    }

    private static GridOptions Keeping(RetentionOptions kept) => new() { Partitions = 4, Seal = new SealPolicy(8, 4), Retention = kept };

    private static Task CutAsync(TestGrid grid) => Task.Run(async () =>
    {
        await grid.Grid.SweepAsync(CancellationToken.None);
        await grid.Grid.SweepAsync(CancellationToken.None);
    });

    // A reading every ten minutes; one sensor has readings come late into stored windows of every day, one falls silent in the middle of the third.
    private static async Task<(TestGrid Grid, Dictionary<string, IReadOnlyList<WindowView>> Before)> FilledAsync(
        string database, RetentionOptions kept, long now = Now)
    {
        Dictionary<string, IReadOnlyList<WindowView>> answers;
        await using (var before = await TestGrid.StartAsync(database, Keeping(new()), time: new SetClock(Now)))
        {
            var times = Enumerable.Range(0, (int)((Now - Begin) / (10 * EventTime.Minute))).Select(i => Begin + (i * 10 * EventTime.Minute)).ToArray();
            await before.WriteAsync(Paths.SelectMany(p => times.Where(t => p != Silent || t < Cut - (12 * EventTime.Hour))
                .Select(t => (p, new Reading(t, Math.Sin(t), Quality.Good)))));
            await before.Grid.CheckpointAsync(CancellationToken.None);
            await before.WriteAsync(Enumerable.Range(0, 5).Select(d => (Late, new Reading(Begin + (d * EventTime.Day) + (5 * EventTime.Minute), 7, Quality.Good))));
            await before.Grid.CheckpointAsync(CancellationToken.None);
            // In memory only, when the cut comes.
            await before.WriteAsync([(Late, new Reading(Begin + (2 * EventTime.Day) + (25 * EventTime.Minute), 9, Quality.Good))]);
            Assert.NotEqual(0, await CountAsync(database, $"select count(*) from window_statistics where start_time < {Cut}"));
            answers = await AnswersAsync(before);
            await before.AbandonAsync();
        }
        return (await TestGrid.StartAsync(database, Keeping(kept), time: new SetClock(now)), answers);
    }

    private static async Task<Dictionary<string, IReadOnlyList<WindowView>>> AnswersAsync(TestGrid grid)
    {
        var answers = new Dictionary<string, IReadOnlyList<WindowView>>();
        foreach (var path in Paths)
        {
            foreach (var size in Sizes)
            {
                answers[$"{path} {Duration.Format(size)}"] = await grid.WindowsAsync(path, size, Begin, Begin + (5 * EventTime.Day));
            }
        }
        return answers;
    }

    private static async Task AssertCutAsync(TestGrid grid, string database, Dictionary<string, IReadOnlyList<WindowView>> before)
    {
        Assert.Equal(Cut, grid.Grid.Info.Retention.Readings);
        Assert.Equal((Cut, 0), (grid.Grid.Info.Retention.Windows(EventTime.Minute), grid.Grid.Info.Retention.Windows(EventTime.Hour)));
        Assert.Equal(0, await CountAsync(database, $"select count(*) from segment where end_time < {Cut}"));
        Assert.Equal(Cut, await CountAsync(database, "select retention_start('readings')"));
        foreach (var (key, windows) in await AnswersAsync(grid))
        {
            var stays = key.EndsWith(" 1m", StringComparison.Ordinal) ? before[key].Where(w => w.Start >= Cut) : before[key];
            AssertSame([.. stays], windows, key);
        }
        foreach (var path in Paths)
        {
            Assert.DoesNotContain(await grid.ReadAsync(path), r => r.Time < Cut);
        }
        Assert.Equal((Now - Cut) / (10 * EventTime.Minute), (await grid.ReadAsync(Steady)).Count);
    }

    // The order of addition differs where a window is computed again.
    private static void AssertSame(IReadOnlyList<WindowView> expected, IReadOnlyList<WindowView> actual, string what)
    {
        Assert.True(expected.Count == actual.Count, $"{what}: {expected.Count} windows expected, {actual.Count} came");
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal((e.Start, e.Size, e.Count, e.GoodCount, e.Min, e.Max, e.First, e.Last), (a.Start, a.Size, a.Count, a.GoodCount, a.Min, a.Max, a.First, a.Last));
            Assert.Equal(e.Sum!.Value, a.Sum!.Value, 1e-9);
            Assert.Equal(e.TimeWeightedMean!.Value, a.TimeWeightedMean!.Value, 1e-9);
            Assert.Equal((e.P50, e.P99), (a.P50, a.P99));
        }
    }

    private static async Task<long> CountAsync(string database, string sql) => Convert.ToInt64(await ScalarAsync(database, sql));

    private static Task ExecuteAsync(string database, string sql) => ScalarAsync(database, sql);

    private static async Task<object?> ScalarAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
