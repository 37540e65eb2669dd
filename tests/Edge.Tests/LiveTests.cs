using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Engine.Live;

namespace SensorGrid.Edge.Tests;

[Collection(PostgresServer.Collection)]
public sealed class LiveTests(PostgresServer server)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);
    private static readonly GridOptions Options = new() { Partitions = 4 };

    [Fact]
    public async Task A_watcher_sees_what_there_is_and_then_each_change_of_it()
    {
        await using var grid = await StartAsync();
        await grid.WriteAsync([At("f/m/a", 0, 1), At("f/m/b", 0, 2), At("g/m/a", 0, 3)]);
        await using var feed = await grid.Grid.WatchAsync("f", CancellationToken.None);
        var seen = new Dictionary<string, SensorView>();
        await UntilAsync(feed, seen, () => seen.Count == 2);
        Assert.Equal(["f/m/a", "f/m/b"], seen.Keys.Order());
        Assert.Equal(Bits(await grid.SensorAsync("f/m/a")), Bits(seen["f/m/a"]));
        await grid.WriteAsync([At("f/m/a", 1, 4), At("f/m/new", 1, 5), At("g/m/a", 1, 6)]);
        await UntilAsync(feed, seen, () => seen["f/m/a"].Last?.Value == 4 && seen.ContainsKey("f/m/new"));
        Assert.Equal(Bits(await grid.SensorAsync("f/m/a")), Bits(seen["f/m/a"]));
        Assert.Equal(2, seen["f/m/b"].Last!.Value.Value);
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task Changes_between_two_looks_are_one_update()
    {
        // Looks come when the test says so.
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Limits, time);
        await using var feed = await grid.Grid.WatchAsync("f/m/a", CancellationToken.None);
        for (var i = 0; i < 50; i++)
        {
            await grid.WriteAsync([At("f/m/a", i, i)]);
        }
        Assert.False(feed.TryNext(out _));
        var next = feed.NextAsync(CancellationToken.None).AsTask();
        bool IsTold()
        {
            time.Advance(GridEngine.LookInterval);
            return next.IsCompleted;
        }
        await Eventually.TrueAsync(IsTold, "an update comes");
        var only = Assert.IsType<SensorUpdate>(await next).Sensor;
        Assert.Equal((49.0, 50L), (only.Last!.Value.Value, only.Counters.Readings));
        // A sensor that does not change is not told again: the next thing that comes is another one.
        await grid.WriteAsync([At("f/m/a", 60, 90)]);
        Assert.IsType<FlagUpdate>(await feed.NextAsync(CancellationToken.None));
        Assert.False(feed.TryNext(out _));
    }

    [Fact]
    public async Task Flags_come_at_once_in_their_order_and_with_what_is_made_of_them()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Limits, time);
        await using var feed = await grid.Grid.WatchAsync("f/m", CancellationToken.None);
        await using var other = await grid.Grid.WatchAsync("f/m2", CancellationToken.None);
        await grid.WriteAsync([At("f/m/a", 0, 20), At("f/m/a", 10, 90)]);
        var opened = await NextFlagAsync(feed);
        Assert.Equal((AlarmState.Active, (long?)null), (opened.State, opened.To));
        await grid.Grid.ChangeAlarmAsync(opened.Id, AlarmAction.Acknowledge, CancellationToken.None);
        var acknowledged = await NextFlagAsync(feed);
        Assert.Equal(opened with { State = AlarmState.Acknowledged, Acknowledged = acknowledged.Acknowledged }, acknowledged);
        Assert.NotNull(acknowledged.Acknowledged);
        await grid.WriteAsync([At("f/m/a", 20, 500), At("f/m/a", 30, 20), At("f/m/a", 31, 20), At("f/m/a", 40, 90)]);
        var worse = await NextFlagAsync(feed);
        Assert.Equal(acknowledged with { Score = worse.Score }, worse);
        var ended = await NextFlagAsync(feed);
        Assert.Equal(worse with { To = ended.To, State = AlarmState.Cleared }, ended);
        Assert.NotNull(ended.To);
        Assert.NotEqual(opened.Id, (await NextFlagAsync(feed)).Id);
        Assert.False(feed.TryNext(out _));
        Assert.False(other.TryNext(out _));
    }

    [Fact]
    public async Task A_reader_that_does_not_read_holds_nobody_up_and_gets_the_newest_when_it_does()
    {
        await using var grid = await StartAsync(new HurriedTime());
        const int Sensors = 1500;
        await using var slow = await grid.Grid.WatchAsync(null, CancellationToken.None);
        await using var quick = await grid.Grid.WatchAsync(null, CancellationToken.None);
        var seen = new Dictionary<string, SensorView>();
        for (var round = 0; round < 5; round++)
        {
            await grid.WriteAsync(Enumerable.Range(0, Sensors).Select(s => At($"f/m{s % 20}/s{s}", round, round)));
            await UntilAsync(quick, seen, () => seen.Count == Sensors && seen.Values.All(s => s.Last?.Value == round));
        }
        // Nobody has read the first; it holds no more than it may.
        var waiting = new List<SensorUpdate>();
        while (slow.TryNext(out var update))
        {
            waiting.Add(Assert.IsType<SensorUpdate>(update));
            Assert.True(waiting.Count <= 2 * Options.Partitions * LiveFeed.MostSensors);
        }
        seen.Clear();
        waiting.ForEach(w => seen[w.Sensor.Path] = w.Sensor);
        await UntilAsync(slow, seen, () => seen.Count == Sensors && seen.Values.All(s => s.Last?.Value == 4));
    }

    [Fact]
    public async Task What_nobody_reads_any_more_is_let_go()
    {
        await using var grid = await StartAsync(new HurriedTime());
        await grid.WriteAsync([At("f/m/a", 0, 1)]);
        var feeds = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => grid.Grid.WatchAsync(null, CancellationToken.None)));
        Assert.True(grid.Grid.Engine.Owned.All(p => p.IsWatched));
        foreach (var feed in feeds)
        {
            await feed.DisposeAsync();
        }
        await Eventually.TrueAsync(() => !grid.Grid.Engine.Owned.Any(p => p.IsWatched), "no watcher is left");
        await Assert.ThrowsAsync<ArgumentException>(() => grid.Grid.WatchAsync("a/b/c/d", CancellationToken.None));
        await grid.StopAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => grid.Grid.WatchAsync(null, CancellationToken.None));
    }

    private Task<TestGrid> StartAsync(TimeProvider? time = null) => StartAsync(server, time);

    private static async Task<TestGrid> StartAsync(PostgresServer server, TimeProvider? time) =>
        await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Limits, time);

    private static async Task UntilAsync(ILiveFeed feed, Dictionary<string, SensorView> seen, Func<bool> isEnough)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!isEnough())
        {
            if (await feed.NextAsync(deadline.Token) is SensorUpdate { Sensor: var sensor })
            {
                seen[sensor.Path] = sensor;
            }
        }
    }

    private static async Task<Flag> NextFlagAsync(ILiveFeed feed)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return Assert.IsType<FlagUpdate>(await feed.NextAsync(deadline.Token)).Flag;
    }

    private static string Bits(SensorView view) => System.Text.Json.JsonSerializer.Serialize(view);

    private static (string, Reading) At(string path, int minute, double value) => (path, new Reading(TestGrid.Day + (minute * EventTime.Minute), value));
}
