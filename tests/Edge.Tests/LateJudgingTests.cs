using Npgsql;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>Readings that come too late for the detectors are judged by replays: the flags that they would have raised in order, once, and no live one changed.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LateJudgingTests(PostgresServer server)
{
    private const string Path = "f/m/temperature";
    private const string InOrder = "f/other/temperature";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50, "hh": 90 } } ] }"""u8);

    [Theory]
    [InlineData(1, 6000, 1)]
    [InlineData(2, 9000, 1)]
    [InlineData(3, 4000, 7)]
    [InlineData(4, 20, 30)]
    public async Task A_late_span_raises_what_it_would_have_raised_in_order(int seed, int length, int pieces)
    {
        var rules = RuleSet.Parse("""{ "rules": [ { "limits": { "h": 130, "onDelay": "5s" } } ] }"""u8);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: rules);
        var readings = Signal(seed, 14_000);
        var (from, to) = (4000, 4000 + length);
        await WriteAsync(grid, readings, InOrder);
        await WriteAsync(grid, [.. readings[..from], .. readings[to..]]);
        var live = await FlagsAsync(grid);
        for (var i = 0; i < pieces; i++)
        {
            await WriteAsync(grid, readings[(from + (i * length / pieces))..(from + ((i + 1) * length / pieces))]);
            await SettleAsync(grid);
        }

        var flags = await FlagsAsync(grid);
        Assert.Equal(live, flags.Where(f => !f.Backfilled));
        var (first, last) = (readings[from].Time, readings[to - 1].Time);
        var expected = (await FlagsAsync(grid, InOrder)).Where(f => f.From <= last && f.To >= first && f.Detector != "silence"
            && !live.Any(l => BackfilledFlags.Overlap(l, f))).Select(Bounds).ToArray();
        Assert.True(expected.Length >= (length > 100 ? 5 : 0), $"{expected.Length} flags");
        Assert.Equal(expected, flags.Where(f => f.Backfilled).Select(Bounds));
        AssertApart(flags);
        Assert.All(flags.Where(f => f.Backfilled), f => Assert.Equal((FlagId.Of(Path, f.Detector, f.From), AlarmState.Cleared), (f.Id, f.State)));

        // The same again is known.
        await WriteAsync(grid, readings[from..to]);
        await WriteAsync(grid, readings[(from - 2000)..]);
        await SettleAsync(grid);
        Assert.Equal(flags, await FlagsAsync(grid));
        Assert.Equal(await ReadAsync(grid, InOrder), await ReadAsync(grid, Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_excursion_that_comes_in_pieces_is_one_flag(bool isBackwards)
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        // Of three days every tenth minute: beyond for longer than any warm-up, and worst in the middle.
        var readings = Run(450, 10 * EventTime.Minute, i => i is < 40 or > 400 ? 20 : i == 200 ? 95 : 60);
        await WriteAsync(grid, [.. readings[..30], .. readings[410..]]);
        var pieces = Enumerable.Range(0, 38).Select(i => readings[(30 + (i * 10))..(40 + (i * 10))]).ToArray();
        foreach (var piece in isBackwards ? pieces.Reverse() : pieces)
        {
            await WriteAsync(grid, piece);
            await SettleAsync(grid);
        }

        var flag = Assert.Single(await FlagsAsync(grid));

        Assert.Equal((readings[40].Time, readings[401].Time, Severity.Alarm, true), (flag.From, flag.To, flag.Severity, flag.Backfilled));
        Assert.Equal(45 / 40f, flag.Score);
    }

    [Theory]
    [InlineData(60, 60, false)]
    [InlineData(61, 60, true)]
    [InlineData(60, 59, true)]
    [InlineData(1, 0, true)]
    public async Task Only_what_is_late_by_more_than_the_setting_is_judged(int late, int setting, bool isJudged)
    {
        foreach (var seal in new[] { new SealPolicy(8, 2), new SealPolicy(4096, 4000) })
        {
            var options = new GridOptions { LateJudging = TimeSpan.FromSeconds(setting), Seal = seal };
            await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options, Limits);
            await WriteAsync(grid, Run(200, EventTime.Second, _ => 20));

            await WriteAsync(grid, [new Reading(TestGrid.Day + ((199 - late) * EventTime.Second), 70)]);
            await SettleAsync(grid);

            Assert.Equal(isJudged ? 1 : 0, (await FlagsAsync(grid)).Count);
        }
    }

    [Fact]
    public async Task What_still_finds_its_place_in_memory_is_judged_too_after_a_sudden_end_as_well()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, rules: Limits);
        await WriteAsync(grid, Run(20, 10 * EventTime.Minute, _ => 20));
        await WriteAsync(grid, [new Reading(TestGrid.Day + (25 * EventTime.Minute), 70)]);
        await grid.AbandonAsync();
        await grid.StartAsync();
        await CheckpointAsync(grid);
        Assert.Equal(0, await CountAsync(database, "select count(*) from late_segment"));
        await grid.AbandonAsync();
        await grid.StartAsync();

        await SettleAsync(grid);

        var flag = Assert.Single(await FlagsAsync(grid));
        Assert.Equal((TestGrid.Day + (25 * EventTime.Minute), TestGrid.Day + (30 * EventTime.Minute), true), (flag.From, flag.To, flag.Backfilled));
    }

    [Fact]
    public async Task A_sudden_end_at_any_moment_neither_loses_a_flag_nor_raises_it_twice()
    {
        var random = new Random(3);
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, rules: Limits);
        var paths = Enumerable.Range(0, 60).Select(s => $"f/m{s % 7}/s{s}").ToArray();
        var readings = Run(1000, EventTime.Second, i => i % 100 == 50 ? 70 : 20);
        await grid.WriteAsync(paths.SelectMany(p => readings.Select(r => (p, r)).Where((_, i) => i is < 200 or >= 800)));
        for (var round = 0; round < 6; round++)
        {
            // A hundredth of the span at a time, with a spike.
            await grid.WriteAsync(paths.SelectMany(p => readings[(200 + (round * 100))..(300 + (round * 100))].Select(r => (p, r))));
            if (random.Next(3) > 0)
            {
                await CheckpointAsync(grid);
            }
            var judging = grid.Grid.RestateAsync(CancellationToken.None);
            await CountAsync(database, $"select count(*) from generate_series(1, {random.Next(1, 300_000)})");
            await CountAsync(database, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
            await grid.AbandonAsync();
            await Task.WhenAny(judging).WaitAsync(Patience);
            await grid.StartAsync();
        }

        await SettleAsync(grid);

        foreach (var path in paths)
        {
            var flags = await FlagsAsync(grid, path);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => readings[50 + (i * 100)].Time), flags.Select(f => f.From));
            Assert.All(flags, f => Assert.Equal((f.From + EventTime.Second, f.From >= readings[200].Time && f.From < readings[800].Time), (f.To, f.Backfilled)));
        }
        Assert.Equal(0, await CountAsync(database, "select count(*) from late_span"));
    }

    [Fact]
    public async Task A_correction_takes_no_flag_back_and_raises_none_twice()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        var readings = Run(300, EventTime.Second, i => i is 20 or 120 ? 70 : 20);
        await WriteAsync(grid, [.. readings[..100], .. readings[200..]]);
        await WriteAsync(grid, readings[100..200]);
        await SettleAsync(grid);
        var flags = await FlagsAsync(grid);
        Assert.Equal([(readings[20].Time, false), (readings[120].Time, true)], flags.Select(f => (f.From, f.Backfilled)));

        // Both excursions turn out to be none; then they are again, and worse.
        await WriteAsync(grid, [new Reading(readings[20].Time, 20), new Reading(readings[120].Time, 20)]);
        await SettleAsync(grid);
        Assert.Equal(flags, await FlagsAsync(grid));
        await WriteAsync(grid, [new Reading(readings[20].Time, 80), new Reading(readings[120].Time, 80)]);
        await SettleAsync(grid);

        Assert.Equal([flags[0], flags[1] with { Score = 30 / 40f }], await FlagsAsync(grid));
        // A third one is new.
        await WriteAsync(grid, [new Reading(readings[60].Time, 80)]);
        await SettleAsync(grid);
        Assert.Equal([false, true, true], (await FlagsAsync(grid)).Select(f => f.Backfilled));
    }

    [Fact]
    public async Task A_time_that_was_flagged_live_is_not_flagged_again_but_the_time_before_it_is()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        var readings = Run(400, EventTime.Second, i => i is >= 100 and < 300 ? 70 : 20);
        await WriteAsync(grid, [.. readings[..90], .. readings[150..200], .. readings[250..]]);
        var live = await FlagsAsync(grid);
        Assert.Single(live);

        // Before, within and, though no checkpoint has stored it, after it.
        await WriteAsync(grid, [.. readings[90..150], .. readings[200..250]]);
        await SettleAsync(grid);

        var flags = await FlagsAsync(grid);
        Assert.Equal(live, flags.Where(f => !f.Backfilled));
        var before = Assert.Single(flags, f => f.Backfilled);
        Assert.Equal((readings[100].Time, (long?)live[0].From), (before.From, before.To));
    }

    [Fact]
    public async Task A_live_flag_that_reaches_back_takes_the_place_of_a_backfilled_one()
    {
        var rules = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50, "onDelay": "10m" } } ] }"""u8);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: rules);
        // Beyond from the 30th minute on; one reading back in between comes late, as do the first ones beyond.
        var readings = Run(90, EventTime.Minute, i => i < 30 || i > 80 ? 20 : 60);
        var back = new Reading(readings[53].Time + 1, 20);
        await WriteAsync(grid, [.. readings[..29], .. readings[50..56]]);
        await WriteAsync(grid, [.. readings[29..50], back]);
        await SettleAsync(grid);
        var backfilled = Assert.Single(await FlagsAsync(grid));
        Assert.Equal((readings[30].Time, back.Time, true), (backfilled.From, backfilled.To, backfilled.Backfilled));

        await WriteAsync(grid, readings[56..]);

        for (var i = 0; i < 2; i++)
        {
            var live = Assert.Single(await FlagsAsync(grid));
            Assert.Equal((readings[50].Time, readings[81].Time, false), (live.From, live.To, live.Backfilled));
            await SettleAsync(grid);
        }
    }

    [Fact]
    public async Task Gaps_of_what_comes_late_are_no_silence_and_bad_readings_no_excursion()
    {
        var rules = RuleSet.Parse("""{ "defaults": { "silence": { "after": "2m" } }, "rules": [ { "limits": { "h": 50 } } ] }"""u8);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: rules);
        var readings = Run(3600 * 6, EventTime.Second, i => i == 10_000 ? 80 : 20);
        await WriteAsync(grid, [.. readings[..3600], .. readings[^100..]]);
        var live = await FlagsAsync(grid);

        await WriteAsync(grid, [.. readings[5000..5100], .. readings[9000..9500], .. readings[15_000..15_010]]);
        await WriteAsync(grid, [new Reading(readings[10_000].Time, 80, Quality.Bad)]);
        await SettleAsync(grid);

        Assert.Equal(live, await FlagsAsync(grid));
        await WriteAsync(grid, [new Reading(readings[10_000].Time, 80, Quality.Uncertain)]);
        await SettleAsync(grid);
        Assert.Equal((readings[10_000].Time, readings[15_000].Time), Assert.Single((await FlagsAsync(grid)).Except(live), f => f.Backfilled) is var f ? (f.From, f.To) : default);
    }

    [Fact]
    public async Task The_rules_of_now_count()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: RuleSet.Parse("""{ "defaults": {} }"""u8));
        var readings = Run(300, EventTime.Second, i => i is 20 or 120 ? 70 : 20);
        await WriteAsync(grid, [.. readings[..100], .. readings[200..]]);
        await WriteAsync(grid, readings[100..200]);
        await CheckpointAsync(grid);

        await grid.Grid.UseAsync(Limits);
        await SettleAsync(grid);

        // What came in order was judged by the rules of then.
        Assert.Equal(readings[120].Time, Assert.Single(await FlagsAsync(grid)).From);
    }

    [Fact]
    public async Task A_year_behind_a_live_sensor_is_judged_and_leaves_what_is_live_alone()
    {
        const int Readings = 365 * 24 * 12;
        const long Step = 5 * EventTime.Minute;
        const long Start = TestGrid.Day - (Readings * Step);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        var year = Run(Readings, Step, i => i % 95 is 7 or 8 ? 70 : i % 10).Select(r => new Reading(r.Time - TestGrid.Day + Start, r.Value)).ToArray();
        var live = Run(400, EventTime.Second, i => i is > 300 or 100 ? 70 : 20);
        await WriteAsync(grid, live[..200]);
        foreach (var month in year.Chunk(Readings / 12))
        {
            await WriteAsync(grid, month);
        }
        await WriteAsync(grid, live[200..]);

        await SettleAsync(grid);

        var flags = await FlagsAsync(grid);
        Assert.Equal([(live[100].Time, live[101].Time), (live[301].Time, (long?)null)], flags.Where(f => !f.Backfilled).Select(f => (f.From, f.To)));
        Assert.Equal(
            year.Where((_, i) => i % 95 == 7).Select(r => (r.Time, (long?)r.Time + (2 * Step))), flags.Where(f => f.Backfilled).Select(f => (f.From, f.To)));
        Assert.Equal(year.Concat(live), await grid.ReadAsync(Path));
        Assert.Equal(live[301].Time, Assert.Single((await grid.SensorAsync(Path)).Flags).From);
    }

    // A quiet signal with the faults that each detector looks for, some of them close together.
    private static Reading[] Signal(int seed, int count)
    {
        var random = new Random(seed);
        var (stuckUntil, highUntil, shift) = (0, 0, 0.0);
        var value = 0.0;
        return Run(count, EventTime.Second, i =>
        {
            if (i >= stuckUntil)
            {
                value = shift + Math.Round(50 + Enumerable.Range(0, 6).Sum(_ => random.NextDouble() - 0.5), 2);
                stuckUntil = random.Next(1500) == 0 ? i + random.Next(200, 800) : 0;
            }
            shift = random.Next(2000) == 0 ? random.Next(3) * 20 : shift;
            highUntil = random.Next(400) == 0 ? i + random.Next(3, 60) : highUntil;
            return i < highUntil ? 140 + random.Next(10) : random.Next(300) == 0 ? value + 40 : value;
        });
    }

    private static Reading[] Run(int count, long step, Func<int, double> value) =>
        [.. Enumerable.Range(0, count).Select(i => new Reading(TestGrid.Day + (i * step), value(i)))];

    private static Task WriteAsync(TestGrid grid, Reading[] readings, string path = Path) => grid.WriteAsync(readings.Select(r => (path, r)));

    private static Task<List<Reading>> ReadAsync(TestGrid grid, string path) => grid.ReadAsync(path);

    private static async Task<List<Flag>> FlagsAsync(TestGrid grid, string path = Path) =>
    [
        .. (await grid.Grid.GetFlagsAsync(new FlagQuery(Path: path, Limit: int.MaxValue), CancellationToken.None))
            .OrderBy(f => f.From).ThenBy(f => f.Detector, StringComparer.Ordinal),
    ];

    private static (string, Severity, long, long?, double) Bounds(Flag flag) => (flag.Detector, flag.Severity, flag.From, flag.To, flag.Score);

    private static void AssertApart(List<Flag> flags)
    {
        foreach (var detector in flags.GroupBy(f => f.Detector).Select(g => g.ToArray()))
        {
            for (var i = 1; i < detector.Length; i++)
            {
                Assert.True(detector[i - 1].To <= detector[i].From, $"{detector[i - 1]} overlaps {detector[i]}");
            }
        }
    }

    private static Task CheckpointAsync(TestGrid grid) => grid.Grid.CheckpointAsync(CancellationToken.None).WaitAsync(Patience);

    private static async Task SettleAsync(TestGrid grid)
    {
        await CheckpointAsync(grid);
        await grid.Grid.RestateAsync(CancellationToken.None).WaitAsync(Patience);
    }

    private static async Task<long> CountAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
