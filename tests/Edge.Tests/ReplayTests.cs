using System.Text;
using Npgsql;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

[Collection(PostgresServer.Collection)]
public sealed class ReplayTests(PostgresServer server)
{
    private const string Path = "f/m/temperature-1";
    private const long End = TestGrid.Day + EventTime.Hour;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly RuleSet Limits = RuleSet.Parse("""{"defaults":{"limits":{"h":100},"spike":true}}"""u8);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replay_of_all_history_in_order_gives_the_live_flags_statistics_and_snapshot(bool restarted)
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        await grid.WriteAsync(Run(Path, 2000));
        await grid.WriteAsync(Run("f/m/flow", 700));
        if (restarted)
        {
            await grid.StopAsync();
            await grid.StartAsync();
        }
        var live = await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None);
        Assert.NotEmpty(live);

        var (first, result) = await ReplayAsync(grid, new ReplayRequest("f/m", TestGrid.Day, End, EventTime.Minute));
        var (second, again) = await ReplayAsync(grid, new ReplayRequest("f/m", TestGrid.Day, End, EventTime.Minute));

        Assert.Equal((2, 0, 2700L), (first.Summary!.SameAsLive, first.Summary.UnlikeLive, first.Readings));
        Assert.Equal(first.Summary.Digest, second.Summary!.Digest);
        Assert.Equal(result.Flags, again.Flags);
        Assert.All(result.Flags, f => Assert.Equal(FlagOutcome.Same, f.Outcome));
        Assert.Equal(live.OrderBy(f => f.Id), result.Flags.Select(f => f.Replayed!).OrderBy(f => f.Id));
        Assert.Equal(["f/m/flow", Path], result.Statistics.Select(s => s.Path));
        foreach (var statistics in result.Statistics)
        {
            Assert.Equal(await grid.WindowsAsync(statistics.Path, EventTime.Minute, TestGrid.Day, End), statistics.Rows);
        }
    }

    [Fact]
    public async Task Other_rules_gain_lose_and_move_flags()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        await grid.WriteAsync(Run(Path, 2000));
        await grid.WriteAsync(Run("f/m/flow", 2000));

        var (view, result) = await ReplayAsync(grid, new ReplayRequest(
            "f/*/*", TestGrid.Day, End,
            Rules: Encoding.UTF8.GetBytes("""{"defaults":{"limits":{"h":95}},"rules":[{"path":"f/m/flow","limits":false,"rate-of-change":{"up":1}}]}""")));

        var outcomes = result.Flags.GroupBy(f => (f.Flag.Path, f.Flag.Detector)).ToDictionary(g => g.Key, g => g.Select(f => f.Outcome).Distinct().Single());
        Assert.Equal(FlagOutcome.Moved, outcomes[(Path, "limits")]);
        Assert.Equal(FlagOutcome.Lost, outcomes[("f/m/flow", "limits")]);
        Assert.Equal(FlagOutcome.Gained, outcomes[("f/m/flow", "rate-of-change")]);
        Assert.Equal((0, 0), (view.Summary!.SameAsLive, view.Summary.UnlikeLive));
        Assert.Equal(result.Flags.Count, view.Summary.Outcomes.Sum());
    }

    [Fact]
    public async Task Readings_that_came_late_are_replayed_in_their_order_and_the_twin_is_not_said_to_be_unlike()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        var readings = Run(Path, 2000).ToArray();
        await grid.WriteAsync(readings[1000..]);
        await grid.WriteAsync(readings[..1000]);
        await using var other = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        await other.WriteAsync(readings);

        var (late, _) = await ReplayAsync(grid, new ReplayRequest(Path, TestGrid.Day, End));
        var (inOrder, _) = await ReplayAsync(other, new ReplayRequest(Path, TestGrid.Day, End));

        Assert.Equal(inOrder.Summary!.Digest, late.Summary!.Digest);
        Assert.Equal((1, 0), (inOrder.Summary.SameAsLive, inOrder.Summary.UnlikeLive));
        Assert.Equal((0, 0), (late.Summary.SameAsLive, late.Summary.UnlikeLive));
    }

    [Fact]
    public async Task The_silence_of_a_machine_is_replayed_also_where_one_of_its_sensors_is_asked_for()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        await grid.WriteAsync(WithPause(Run(Path, 2000)).Concat(WithPause(Run("f/m/flow", 2000))).OrderBy(r => r.Item2.Time));
        var live = Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None), f => f.Detector == FlagComparison.Silence);

        var (whole, result) = await ReplayAsync(grid, new ReplayRequest("f", TestGrid.Day, End));
        var (one, ofOne) = await ReplayAsync(grid, new ReplayRequest(Path, TestGrid.Day, End));

        Assert.Equal("f/m", live.Path);
        Assert.Contains(result.Flags, f => f.Replayed == live);
        Assert.All(result.Flags.Concat(ofOne.Flags), f => Assert.Equal(FlagOutcome.Same, f.Outcome));
        Assert.DoesNotContain(ofOne.Flags, f => f.Flag.Detector == FlagComparison.Silence);
        Assert.Equal((3, 0, 3600L), (whole.Summary!.SameAsLive, whole.Summary.UnlikeLive, whole.Readings));
        Assert.Equal((1, 0, 1800L), (one.Summary!.SameAsLive, one.Summary.UnlikeLive, one.Readings));
    }

    [Fact]
    public async Task Sensors_that_came_one_after_the_other_are_not_said_to_be_unlike()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        await grid.WriteAsync(WithPause(Run(Path, 2000)));
        await grid.WriteAsync(WithPause(Run("f/m/flow", 2000)));

        var (view, result) = await ReplayAsync(grid, new ReplayRequest("f/m", TestGrid.Day, End));

        Assert.Equal(0, view.Summary!.UnlikeLive);
        // Live the first sensor was all that was heard of the machine, and the second one of what was known already: each was silent for itself.
        Assert.Equal(
            [("f/m", FlagOutcome.Gained), ("f/m/flow", FlagOutcome.Lost), (Path, FlagOutcome.Lost)],
            result.Flags.Where(f => f.Flag.Detector == FlagComparison.Silence).Select(f => (f.Flag.Path, f.Outcome)));
    }

    [Fact]
    public async Task A_silence_that_only_the_clock_told_is_told_apart()
    {
        var clock = new SetClock(TestGrid.Day + (500 * EventTime.Second));
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), time: clock);
        await grid.WriteAsync(Run(Path, 500));
        // Past the patience with a machine that came but once so far.
        clock.Now += 30 * EventTime.Minute;
        var deadline = System.Diagnostics.Stopwatch.StartNew();
        while ((await grid.Grid.GetFlagsAsync(new FlagQuery(State: AlarmState.Active), CancellationToken.None)).All(f => f.Detector != FlagComparison.Silence))
        {
            Assert.True(deadline.Elapsed < Deadline);
        }

        var (view, result) = await ReplayAsync(grid, new ReplayRequest(Path, TestGrid.Day, End));

        Assert.Equal([FlagOutcome.Clock], result.Flags.Where(f => f.Flag.Detector == FlagComparison.Silence).Select(f => f.Outcome));
        Assert.Equal(0, view.Summary!.UnlikeLive);
    }

    [Theory]
    [InlineData("f2", ReplayRefusal.UnknownPath, "There is no factory 'f2'.")]
    [InlineData("f/m2", ReplayRefusal.UnknownPath, "There is no machine 'm2' in factory 'f'.")]
    [InlineData("f/m/x", ReplayRefusal.UnknownPath, "There is no sensor 'x' on machine 'f/m'.")]
    [InlineData("f/*/x*", ReplayRefusal.UnknownPath, "No sensor matches 'f/*/x*'.")]
    [InlineData("f/m/flow", ReplayRefusal.NoReadings, "f/m/flow has no readings in the span.")]
    public async Task What_cannot_be_replayed_is_refused_with_its_reason(string path, ReplayRefusal refusal, string message)
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        await grid.WriteAsync(Run(Path, 10));
        await grid.WriteAsync([("f/m/flow", new Reading(End + 1, 1))]);

        var refused = await Assert.ThrowsAsync<ReplayRefusedException>(() => StartAsync(grid, new ReplayRequest(path, TestGrid.Day, End)));

        Assert.Equal((refusal, message), (refused.Refusal, refused.Message));
        Assert.Empty(await grid.Grid.Replays.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_span_that_retention_has_cut_is_refused()
    {
        var clock = new SetClock(TestGrid.Day + (3 * EventTime.Day));
        var options = new GridOptions { Partitions = 4, Retention = new() { Readings = TimeSpan.FromDays(1) } };
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options, time: clock);
        await grid.WriteAsync(Run(Path, 10).Select(r => (r.Item1, new Reading(r.Item2.Time + (3 * EventTime.Day) - EventTime.Hour, 1))));
        await grid.Grid.SweepAsync(CancellationToken.None);

        var refused = await Assert.ThrowsAsync<ReplayRefusedException>(() => StartAsync(grid, new ReplayRequest(Path, TestGrid.Day, TestGrid.Day + (3 * EventTime.Day))));

        Assert.Equal(ReplayRefusal.Cut, refused.Refusal);
        Assert.Contains(EventTime.Format(grid.Grid.Info.Retention.Readings), refused.Message, StringComparison.Ordinal);
        await ReplayAsync(grid, new ReplayRequest(Path, grid.Grid.Info.Retention.Readings, TestGrid.Day + (4 * EventTime.Day)));
    }

    [Fact]
    public async Task Rules_with_errors_name_them_all()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        await grid.WriteAsync(Run(Path, 10));

        var refused = await Assert.ThrowsAsync<InvalidRulesException>(() => StartAsync(grid, new ReplayRequest(
            Path, TestGrid.Day, End, Rules: Encoding.UTF8.GetBytes("""{"rules":[{"limits":{"h":"x"}},{"spik":true}]}"""))));

        Assert.Equal(["rules[0].limits.h", "rules[1].spik"], refused.Errors.Select(e => e.Path));
    }

    [Fact]
    public async Task A_replay_of_several_machines_is_the_replays_of_each_in_their_order()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        foreach (var machine in Enumerable.Range(0, 7))
        {
            await grid.WriteAsync(Run($"f/m{machine}/a", 200 + (machine * 3001 % 7 * 400)));
            await grid.WriteAsync(Run($"f/m{machine}/b", 350));
        }
        await grid.Grid.CheckpointAsync(CancellationToken.None);

        var (whole, result) = await ReplayAsync(grid, new ReplayRequest("f", TestGrid.Day, End, EventTime.Minute));
        var (again, _) = await ReplayAsync(grid, new ReplayRequest("f", TestGrid.Day, End, EventTime.Minute));

        var (flags, statistics, readings, same) = (new List<ComparedFlag>(), new List<ReplayedStatistics>(), 0L, 0);
        foreach (var machine in Enumerable.Range(0, 7))
        {
            var (view, one) = await ReplayAsync(grid, new ReplayRequest($"f/m{machine}", TestGrid.Day, End, EventTime.Minute));
            flags.AddRange(one.Flags);
            statistics.AddRange(one.Statistics);
            readings += view.Readings;
            same += view.Summary!.SameAsLive;
        }
        Assert.Equal((readings, 14, same, 0), (whole.Readings, whole.SensorsDone, whole.Summary!.SameAsLive, whole.Summary.UnlikeLive));
        Assert.Equal(whole.Summary.Digest, again.Summary!.Digest);
        Assert.NotEmpty(flags);
        Assert.Equal(flags.OrderBy(IdOf), result.Flags.OrderBy(IdOf));
        Assert.Equal(statistics.Select(s => s.Path), result.Statistics.Select(s => s.Path));
        Assert.Equal(statistics.SelectMany(s => s.Rows), result.Statistics.SelectMany(s => s.Rows));
        static string IdOf(ComparedFlag flag) => (flag.Replayed ?? flag.Live)!.Id;
    }

    [Fact]
    public async Task Results_are_cut_at_their_limits_and_say_so()
    {
        var options = new GridOptions { Partitions = 4, Replays = new ReplayLimits(Flags: 2, Windows: 3) };
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options, Limits);
        await grid.WriteAsync(Run(Path, 2000));
        await grid.WriteAsync(Run("f/m/flow", 2000));
        await grid.WriteAsync(Run("f/m2/flow", 2000));

        var (view, result) = await ReplayAsync(grid, new ReplayRequest("f", TestGrid.Day, End, EventTime.Minute));

        Assert.Equal((true, true, 3), (view.Summary!.FlagsTruncated, view.Summary.WindowsTruncated, view.Summary.Windows));
        Assert.Equal(3, result.Statistics.Sum(s => s.Rows.Count));
        Assert.Equal(2, result.Flags.Count(f => f.Replayed is not null));
    }

    [Fact]
    public async Task One_runs_at_a_time_too_many_are_refused_and_removing_one_leaves_nothing_behind()
    {
        var database = await server.CreateDatabaseAsync();
        var options = new GridOptions { Partitions = 4, Replays = new ReplayLimits(Unfinished: 3) };
        await using var grid = await TestGrid.StartAsync(database, options, Limits);
        foreach (var sensor in Enumerable.Range(0, 200))
        {
            await grid.WriteAsync(Run($"f/m{sensor}/s", 2000));
        }
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var before = await CountsAsync(database);
        var replays = grid.Grid.Replays;

        var request = new ReplayRequest("f", TestGrid.Day, End, 10 * EventTime.Second);
        var started = new List<ReplayView>();
        for (var i = 0; i < 3; i++)
        {
            started.Add(await StartAsync(grid, request));
        }
        await Assert.ThrowsAsync<GridBusyException>(() => StartAsync(grid, request));
        var states = (await replays.ListAsync(CancellationToken.None)).Select(r => r.State).ToArray();
        Assert.True(states.Count(s => s == ReplayState.Running) <= 1);
        Assert.Equal(started.Select(s => s.Id), (await replays.ListAsync(CancellationToken.None)).Select(r => r.Id));
        foreach (var replay in started)
        {
            Assert.True(await replays.RemoveAsync(replay.Id, CancellationToken.None));
            Assert.False(await replays.RemoveAsync(replay.Id, CancellationToken.None));
            Assert.Null(await replays.FindAsync(replay.Id, CancellationToken.None));
        }

        Assert.Empty(await replays.ListAsync(CancellationToken.None));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(before, await CountsAsync(database));
    }

    [Fact]
    public async Task One_that_cannot_end_is_removed_at_once_and_makes_no_room_until_it_has()
    {
        var options = new GridOptions { Partitions = 1, Replays = new ReplayLimits(Unfinished: 2) };
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options);
        // Of so many none is looked at before the replay begins.
        await grid.WriteAsync(Enumerable.Range(0, 65).SelectMany(s => Run($"f/m/s{s}", 3)));
        var replays = grid.Grid.Replays;
        using var goOn = new ManualResetEventSlim();
        // The loop that a replay asks for what is not stored yet.
        var standstill = grid.Grid.Engine.Owned[0]!.AskAsync(_ => goOn.Wait(Deadline));
        var request = new ReplayRequest("f", TestGrid.Day, End);
        for (var i = 0; i < 2; i++)
        {
            var replay = await StartAsync(grid, request);
            await Eventually.TrueAsync(
                async () => (await replays.FindAsync(replay.Id, CancellationToken.None))!.State == (i == 0 ? ReplayState.Running : ReplayState.Waiting), "it has begun");

            Assert.True(await replays.RemoveAsync(replay.Id, CancellationToken.None).WaitAsync(Deadline / 2));

            Assert.False(await replays.RemoveAsync(replay.Id, CancellationToken.None));
            Assert.Null(await replays.FindAsync(replay.Id, CancellationToken.None));
            Assert.Empty(await replays.ListAsync(CancellationToken.None));
        }
        // The second waited for the first and is soon gone.
        ReplayView? waiting = null;
        await Eventually.TrueAsync(async () => (waiting = await TryStartAsync(grid, request)) is not null, "there is room for one more");
        await Assert.ThrowsAsync<GridBusyException>(() => StartAsync(grid, request));
        goOn.Set();
        Assert.True(await standstill);
        await Eventually.TrueAsync(
            async () => (await replays.FindAsync(waiting!.Id, CancellationToken.None))!.State == ReplayState.Done, "the one that waited has had its turn");
        await ReplayAsync(grid, request);
    }

    [Fact]
    public async Task An_ended_replay_is_kept_for_a_while_and_then_forgotten()
    {
        var time = new SetClock(End);
        var options = new GridOptions { Partitions = 4, Replays = new ReplayLimits(Ended: 2) };
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options, time: time);
        await grid.WriteAsync(Run(Path, 10));
        var replays = grid.Grid.Replays;
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await ReplayAsync(grid, new ReplayRequest(Path, TestGrid.Day, End))).View.Id);
        }

        Assert.Equal(ids[1..], (await replays.ListAsync(CancellationToken.None)).Select(r => r.Id));
        time.Now += 61 * EventTime.Minute;

        Assert.Empty(await replays.ListAsync(CancellationToken.None));
    }

    private static Task<ReplayView> StartAsync(TestGrid grid, ReplayRequest request) => grid.Grid.Replays.StartAsync(request, CancellationToken.None);

    private static async Task<ReplayView?> TryStartAsync(TestGrid grid, ReplayRequest request)
    {
        try
        {
            return await StartAsync(grid, request);
        }
        catch (GridBusyException)
        {
            return null;
        }
    }

    private static async Task<(ReplayView View, ReplayResult Result)> ReplayAsync(TestGrid grid, ReplayRequest request)
    {
        var replays = grid.Grid.Replays;
        var id = (await StartAsync(grid, request)).Id;
        var percent = 0.0;
        while (true)
        {
            var view = (await replays.FindAsync(id, CancellationToken.None))!;
            Assert.InRange(view.Percent, percent, 100);
            percent = view.Percent;
            if (view.State == ReplayState.Done)
            {
                return (view, (await replays.GetResultAsync(id, CancellationToken.None))!);
            }
            Assert.NotEqual(ReplayState.Failed, view.State);
            await Task.Yield();
        }
    }

    private static IEnumerable<(string, Reading)> WithPause(IEnumerable<(string, Reading)> run) => run.Where((_, i) => i is < 1000 or >= 1200);

    // A wave with values beyond 100 now and then, and spikes.
    private static IEnumerable<(string, Reading)> Run(string path, int count) => Enumerable.Range(0, count).Select(i => (path, new Reading(
        TestGrid.Day + (i * EventTime.Second), (i % 400) is >= 300 and < 320 ? 90 + (i % 400) - 290 : Math.Round(50 + (10 * Math.Sin(i / 50.0)) + (i * 7919 % 13), 2))));

    private static async Task<string> CountsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select concat_ws(' ', (select count(*) from segment), (select count(*) from late_segment), (select count(*) from flag), (select count(*) from pg_class where relkind in ('r', 'v', 'S')))",
            connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
