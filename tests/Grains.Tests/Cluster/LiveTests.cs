using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Edge.Tests;
using SensorGrid.Engine.Live;
using SensorGrid.Grains.Live;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Whoever watches on one silo sees what happens on all, also while partitions move and silos die.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LiveTests(PostgresServer postgres)
{
    private const long Begin = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);

    [Fact]
    public async Task Every_silo_tells_of_all_partitions()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: Limits);
        var paths = Enumerable.Range(0, 40).Select(m => $"f/m{m}/s").ToArray();
        await WriteAsync(cluster.Grids[0], [.. paths.Select(p => (p, 0, 1.0))]);
        foreach (var (grid, writer) in (IEnumerable<(IGrid, IGrid)>)[(cluster.Grids[0], cluster.Grids[1]), (cluster.Grids[1], cluster.Grids[0])])
        {
            await using var feed = await grid.WatchAsync("f", CancellationToken.None);
            await using var one = await grid.WatchAsync("f/m7", CancellationToken.None);
            var seen = new Seen(feed);
            await seen.UntilAsync(() => seen.Sensors.Count == paths.Length);
            var minute = Array.IndexOf(cluster.Grids, grid) + 1;
            await WriteAsync(writer, [.. paths.Select(p => (p, minute * 10, 2.0 + minute))]);
            await seen.UntilAsync(() => seen.Sensors.Values.All(s => s.Last!.Value.Value == 2.0 + minute));
            Assert.Equal(Bits.Of(await grid.GetSensorAsync("f", "m7", "s", CancellationToken.None)), Bits.Of(seen.Sensors["f/m7/s"]));
            var few = new Seen(one);
            await few.UntilAsync(() => few.Sensors.GetValueOrDefault("f/m7/s")?.Last?.Value == 2.0 + minute);
            Assert.Equal(["f/m7/s"], few.Sensors.Keys);
            Assert.Equal(0, seen.Missed + few.Missed);
        }
        await Eventually.TrueAsync(() => !cluster.Silos.Any(s => GridCluster.EngineOf(s).Owned.Any(p => p.IsWatched)), "nobody watches any more");
    }

    [Fact]
    public async Task Flags_come_in_their_order_to_silos_that_do_not_have_them()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: Limits);
        var feeds = await Task.WhenAll(cluster.Grids.Select(g => g.WatchAsync("f/*", CancellationToken.None)));
        for (var i = 0; i < 20; i++)
        {
            await WriteAsync(cluster.Grids[i % 2], ("f/m/s", 10 * i, 20), ("f/m/s", (10 * i) + 1, 90), ("f/m/s", (10 * i) + 2, 20), ("f/m/s", (10 * i) + 3, 20));
        }
        var all = (await cluster.Grids[0].GetFlagsAsync(new FlagQuery(), CancellationToken.None)).OrderBy(f => f.From).ToArray();
        await cluster.Grids[1].ChangeAlarmAsync(all[^1].Id, AlarmAction.Acknowledge, CancellationToken.None);
        foreach (var feed in feeds)
        {
            var seen = new Seen(feed);
            await seen.UntilAsync(() => seen.Flags.Exists(f => f.Acknowledged is not null));
            Assert.Equal(all.SelectMany(f => new[] { (f.Id, false), (f.Id, true) }), seen.Flags.SkipLast(1).Select(f => (f.Id, f.To is not null)));
            Assert.Equal(0, seen.Missed);
            await feed.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_feed_goes_on_after_a_move_and_after_the_death_of_a_silo_and_says_what_it_may_have_missed()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 3, rules: Limits);
        var partition = Partitioner.Of("f", "m", cluster.Options.Partitions);
        var owner = cluster.OwnerOf(partition)!;
        var watcher = cluster.Silos.First(s => s != owner);
        var grid = GridCluster.GridOf(watcher);
        await using var feed = await grid.WatchAsync("f/m", CancellationToken.None);
        await using var other = await grid.WatchAsync("f/m", CancellationToken.None);
        var seen = new Seen(feed);
        await WriteAsync(grid, ("f/m/s", 0, 20));
        await seen.UntilAsync(() => seen.Sensors.Count == 1);
        Assert.Equal(0, seen.Missed);

        var third = cluster.Silos.First(s => s != owner && s != watcher);
        await cluster.Grains.GetGrain<ILogPartitionGrain>(partition).MoveAsync(third.SiloAddress);
        await Eventually.TrueAsync(() => cluster.OwnerOf(partition) is { } now && now != owner, "the partition has moved");
        await seen.UntilAsync(() => seen.Missed == 1);
        await WriteAsync(grid, ("f/m/s", 10, 90));
        await seen.UntilAsync(() => seen.Flags.Count == 1 && seen.Sensors["f/m/s"].Last!.Value.Value == 90);

        await cluster.KillAsync(cluster.OwnerOf(partition) == watcher ? owner : cluster.OwnerOf(partition)!);
        await cluster.SettledAsync();
        await WriteAsync(grid, ("f/m/s", 20, 21), ("f/m/s", 21, 21));
        await seen.UntilAsync(() => seen.Sensors["f/m/s"] is { Last.Value: 21, Flags.Count: 0 });
        var both = new Seen(other);
        await both.UntilAsync(() => both.Sensors.GetValueOrDefault("f/m/s") is { Last.Value: 21, Flags.Count: 0 });
        both.TakeAll();
        Assert.InRange(both.Missed, 1, 3);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_holds_up_nobody_and_gets_the_newest_when_it_does()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: Limits);
        var paths = Enumerable.Range(0, 2000).Select(s => $"f/m{s % 50}/s{s}").ToArray();
        await using var slow = await cluster.Grids[0].WatchAsync(null, CancellationToken.None);
        await using var quick = await cluster.Grids[0].WatchAsync(null, CancellationToken.None);
        var seen = new Seen(quick);
        for (var round = 0; round < 3; round++)
        {
            await WriteAsync(cluster.Grids[round % 2], [.. paths.Select(p => (p, round * 10, (double)round))]);
            await seen.UntilAsync(() => seen.Sensors.Count == paths.Length && seen.Sensors.Values.All(s => s.Last!.Value.Value == round));
        }
        var late = new Seen(slow);
        var waiting = late.TakeAll();
        Assert.InRange(waiting, 1, 2 * cluster.Options.Partitions * LiveFeed.MostSensors);
        await late.UntilAsync(() => late.Sensors.Count == paths.Length && late.Sensors.Values.All(s => s.Last!.Value.Value == 2));
        Assert.Equal(0, late.Missed + seen.Missed);
    }

    [Fact]
    public async Task A_silo_that_takes_no_batch_holds_bounded_memory_and_is_let_go()
    {
        var catalog = new SensorCatalog(1, new CatalogLimits());
        var sensor = catalog.Restore(0, "f", "m", "s", "s");
        using var partition = NewPartition(catalog);
        var observer = new StuckObserver();
        var outbox = new LiveOutbox(observer, 0, 7, 1, TimeProvider.System, NullLogger.Instance);
        Assert.True(outbox.Follow(partition, [new LiveInterest(1, "*/*/*", 10), new LiveInterest(2, "f/m/s", 10), new LiveInterest(3, "g/*/*", 10)]));
        void Tell(int from) => partition.Tell(sensor.Id, new Flag($"{from}", sensor.Path, "limits", Severity.Alarm, from, null, 1, AlarmState.Active));

        Tell(0);
        var first = await observer.Batches.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal((7, "0", "1 2", false), (first.Turn, Assert.Single(first.Items).Flag!.Id, string.Join(' ', first.Items[0].Watches), first.IsLast));
        for (var i = 1; i < 3 * LiveFeed.MostFlags; i++)
        {
            Tell(i);
        }
        observer.Answers.Writer.TryWrite([]);
        var second = await observer.Batches.Reader.ReadAsync().AsTask().WaitAsync(Deadline);
        Assert.Equal(LiveFeed.MostFlags + 1, second.Items.Length);
        Assert.Equal((null, null, 0), (second.Items[^1].Flag, second.Items[^1].Sensor, second.Items[^1].Watches.Length));

        observer.Answers.Writer.Complete();
        await Eventually.TrueAsync(() => outbox.IsOver, "the outbox is over");
        Tell(1);
        partition.Look();
        Assert.False(partition.IsWatched);
        Assert.Equal(0, observer.Batches.Reader.Count);
    }

    [Fact]
    public void A_lease_that_has_lapsed_is_not_prolonged_as_its_partition_may_have_let_go_of_it()
    {
        using var partition = NewPartition(new SensorCatalog(1, new CatalogLimits()));
        var clock = new SkippingClock();
        LiveOutbox New(int lease) => new(new StuckObserver(), 0, 7, lease, clock, NullLogger.Instance);
        LiveInterest[] all = [new LiveInterest(1, "*/*/*", 10)];
        var first = New(1);
        Assert.True(first.Follow(partition, all));
        clock.Skip(LiveOutbox.LeaseTime / 2);
        Assert.True(first.Follow(partition, all));
        clock.Skip(LiveOutbox.LeaseTime * 2);
        partition.Look();
        Assert.False(partition.IsWatched);

        Assert.False(first.Follow(partition, all));
        Assert.True(first.IsOver);
        Assert.True(New(2).Follow(partition, all));
        Assert.True(partition.IsWatched);
    }

    [Fact]
    public async Task A_lease_that_began_anew_is_known_by_its_number_though_the_first_answer_of_it_was_lost()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 1, rules: Limits);
        var partition = cluster.Grains.GetGrain<ILogPartitionGrain>(Partitioner.Of("f", "m", cluster.Options.Partitions));
        var observer = new StuckObserver();
        observer.Answers.Writer.Complete(new InvalidOperationException("full"));
        var reference = cluster.Grains.CreateObjectReference<ILiveObserver>(observer);
        Task<LiveLease> AskAsync() => partition.WatchAsync(reference, [new LiveInterest(1, "*/*/*", 10)]);
        var first = await AskAsync();
        Assert.Equal(first, await AskAsync());

        await WriteAsync(cluster.Grids[0], ("f/m/s", 0, 20));
        await Eventually.TrueAsync(() => cluster.Log.Lines.Any(l => l.Text.Contains("is told no more until it asks again: ", StringComparison.Ordinal)), "the failure is logged");
        _ = await AskAsync();
        var again = await AskAsync();

        Assert.Equal((first.Turn, true), (again.Turn, again.Number > first.Number));
        Assert.Equal(new LiveLease(first.Turn, 0), await partition.WatchAsync(reference, []));
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task A_program_learns_whether_its_subscription_goes_on_or_begins_anew()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 1, rules: Limits);
        await WriteAsync(cluster.Grids[0], ("f/m/s", 0, 20));
        var watcher = new BrokenWatcher();
        var (reference, grain) = (cluster.Grains.CreateObjectReference<ILiveWatcher>(watcher), cluster.Grains.GetGrain<IMachineGrain>("f/m"));
        Assert.False(await grain.SubscribeAsync(reference));
        await Eventually.TrueAsync(() => cluster.Log.Lines.Any(l => l.Text.Contains("What happens at f/m did not reach one that watches", StringComparison.Ordinal)), "the failure is logged");
        Assert.False(await grain.SubscribeAsync(reference));
        GC.KeepAlive(watcher);
    }

    [Fact]
    public async Task Programs_subscribe_to_grains()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: Limits);
        await WriteAsync(cluster.Grids[0], ("f/m/s", 0, 20), ("f/m/t", 0, 20), ("g/m/s", 0, 20));
        var (watcher, all) = (new Watcher(), new Watcher());
        var (reference, other) = (cluster.Grains.CreateObjectReference<ILiveWatcher>(watcher), cluster.Grains.CreateObjectReference<ILiveWatcher>(all));
        await cluster.Grains.GetGrain<ISensorGrain>("f/m/s").SubscribeAsync(reference);
        Assert.False(await cluster.Grains.GetGrain<IFactoryGrain>("f").SubscribeAsync(other));
        Assert.True(await cluster.Grains.GetGrain<IFactoryGrain>("f").SubscribeAsync(other));
        await WriteAsync(cluster.Grids[1], ("f/m/s", 10, 90), ("f/m/t", 10, 21), ("g/m/s", 10, 90));
        await watcher.UntilAsync(i => i.Sensor?.Last?.Value == 90);
        await all.UntilAsync(i => i.Sensor is { Path: "f/m/t", Last.Value: 21 });
        await all.UntilAsync(i => i.Sensor is { Path: "f/m/s", Last.Value: 90 });
        Assert.Equal(["f/m/s"], watcher.Seen.Select(i => i.Flag?.Path ?? i.Sensor!.Path).Distinct());
        Assert.Single(watcher.Seen, i => i.Flag is not null);
        Assert.Equal(["f/m/s", "f/m/t"], all.Seen.Select(i => i.Flag?.Path ?? i.Sensor!.Path).Distinct().Order());
        Assert.Single(all.Seen, i => i.Flag is not null);
        await cluster.Grains.GetGrain<ISensorGrain>("f/m/s").UnsubscribeAsync(reference);
        await cluster.Grains.GetGrain<IFactoryGrain>("f").UnsubscribeAsync(other);
        await Eventually.TrueAsync(() => !cluster.Silos.Any(s => GridCluster.EngineOf(s).Owned.Any(p => p.IsWatched)), "nobody watches any more");
        await Assert.ThrowsAsync<UnknownPathException>(() => cluster.Grains.GetGrain<IMachineGrain>("f/no").SubscribeAsync(reference));
        GC.KeepAlive(watcher);
        GC.KeepAlive(all);
    }

    private static Engine.Partitions.Partition NewPartition(SensorCatalog catalog) =>
        new(0, catalog, new Engine.Partitions.SensorMap<Core.Twins.SensorTwin>(), Limits, new Engine.GridOptions { Partitions = 1 });

    private static Task WriteAsync(IGrid grid, params (string Path, int Minute, double Value)[] readings)
    {
        var lines = readings.Select(r => r.Path.Split('/') is var p ? $"m,factory={p[0]},machine={p[1]},sensor={p[2]} value={r.Value} {Begin + (r.Minute * EventTime.Minute)}\n" : "");
        return grid.WriteAsync(
            Encoding.UTF8.GetBytes(string.Concat(lines)), new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Microseconds }, CancellationToken.None);
    }

    /// <summary>Answers when the test says so.</summary>
    private sealed class StuckObserver : ILiveObserver
    {
        public Channel<LiveBatch> Batches { get; } = Channel.CreateUnbounded<LiveBatch>();

        public Channel<LiveRoom[]> Answers { get; } = Channel.CreateUnbounded<LiveRoom[]>();

        public Task<LiveRoom[]> UpdateAsync(LiveBatch batch)
        {
            Batches.Writer.TryWrite(batch);
            return Answers.Reader.ReadAsync().AsTask();
        }
    }

    private sealed class BrokenWatcher : ILiveWatcher
    {
        public Task UpdateAsync(LiveItem[] items) => throw new InvalidOperationException("broken");
    }

    private sealed class Watcher : ILiveWatcher
    {
        private readonly Channel<LiveItem> _items = Channel.CreateUnbounded<LiveItem>();

        public List<LiveItem> Seen { get; } = [];

        public Task UpdateAsync(LiveItem[] items)
        {
            Array.ForEach(items, i => _items.Writer.TryWrite(i));
            return Task.CompletedTask;
        }

        public async Task UntilAsync(Predicate<LiveItem> isIt)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            while (!Seen.Exists(isIt))
            {
                Seen.Add(await _items.Reader.ReadAsync(deadline.Token));
            }
        }
    }

    /// <summary>What a reader has got.</summary>
    private sealed class Seen(ILiveFeed feed)
    {
        public Dictionary<string, SensorView> Sensors { get; } = [];

        public List<Flag> Flags { get; } = [];

        public int Missed { get; private set; }

        public async Task UntilAsync(Func<bool> isEnough)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            while (!isEnough())
            {
                Take(await feed.NextAsync(deadline.Token));
            }
        }

        /// <returns>How many were waiting.</returns>
        public int TakeAll()
        {
            var waiting = 0;
            for (; feed.TryNext(out var update); waiting++)
            {
                Take(update);
            }
            return waiting;
        }

        private void Take(LiveUpdate update)
        {
            switch (update)
            {
                case SensorUpdate sensor:
                    Sensors[sensor.Sensor.Path] = sensor.Sensor;
                    break;
                case FlagUpdate flag:
                    Flags.Add(flag.Flag);
                    break;
                default:
                    Missed++;
                    break;
            }
        }
    }
}
