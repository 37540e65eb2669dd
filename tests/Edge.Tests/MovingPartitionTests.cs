using System.Collections.Concurrent;
using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

/// <summary>Two engines on one database: partitions go from one to the other, given up or taken away, and what both answer is what one engine would.</summary>
[Collection(PostgresServer.Collection)]
public sealed class MovingPartitionTests(PostgresServer server)
{
    private const int Partitions = 4;
    private const int SensorsOfMachine = 3;
    private static readonly long[] Sizes = [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly GridOptions Options = new() { Partitions = Partitions, Seal = new SealPolicy(32, 8) };
    private static readonly RuleSet Rules = RuleSet.Parse("""{ "rules": [ { "limits": { "h": 95 }, "spike": true } ] }"""u8);

    // One of each partition, by number.
    private static readonly string[] Machines =
        [.. Enumerable.Range(0, Partitions).Select(p => $"f/{Enumerable.Range(0, 1000).Select(i => $"m{i}").First(m => Core.Catalog.Partitioner.Of("f", m, Partitions) == p)}")];

    private readonly List<SharingEngine> _engines = [];
    private readonly ConcurrentQueue<(string Path, Reading Reading)>[] _written = [.. Enumerable.Range(0, Partitions).Select(_ => new ConcurrentQueue<(string, Reading)>())];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_is_lost_and_nothing_comes_twice_while_partitions_move_under_writes(int seed)
    {
        var database = await server.CreateDatabaseAsync();
        await StartAsync(database);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Partitions).Select(p => Task.Run(() => WriteAllAsync(p, new Random(seed + p), stop.Token))).ToArray();

        var random = new Random(seed);
        for (var move = 0; move < 12; move++)
        {
            await MoveAsync(random.Next(Partitions), random.Next(2) == 0);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        var written = _written.SelectMany(w => w).ToArray();
        await AssertAsOneAsync(database, written);
        foreach (var engine in _engines)
        {
            await engine.StopAsync();
        }
        Assert.Equal(written.Length, await Table.ScalarAsync<long>(database, "select sum(position)::bigint from checkpoint"));
        await using var alone = await TestGrid.StartAsync(database, Options, Rules);
        await AssertEqualAsync(alone.Grid, await OneAsync(written), written);
    }

    [Fact]
    public async Task A_partition_given_up_leaves_nothing_to_replay_and_is_refused()
    {
        var database = await server.CreateDatabaseAsync();
        await StartAsync(database);
        var (from, to) = (_engines[0], _engines[1]);
        await from.WriteAsync(Batch(0, 0, new Random(1)));

        await from.Engine.GiveUpAsync(0, Patience, CancellationToken.None);

        Assert.Equal([1], from.Engine.Owned.Numbers);
        await Assert.ThrowsAsync<PartitionMovedException>(() => from.WriteAsync(Batch(0, 1, new Random(1))));
        Assert.Equal(SensorsOfMachine, await Table.ScalarAsync<long>(database, "select position from checkpoint where partition = 0"));
        await to.Engine.TakeAsync([0], CancellationToken.None);
        await to.WriteAsync(Batch(0, 1, new Random(1)));
        await Eventually.TrueAsync(() => from.Engine.InFlight.Used == 0, "the room of the refused write is free");
        Assert.Empty(from.Lost);
        await DisposeAsync();
    }

    [Fact]
    public async Task A_partition_taken_away_is_lost_to_the_former_owner_alone_and_it_may_take_it_again()
    {
        var database = await server.CreateDatabaseAsync();
        await StartAsync(database);
        var (from, to) = (_engines[0], _engines[1]);
        var random = new Random(1);
        var written = new List<(string, Reading)>();
        async Task WriteAsync(SharingEngine engine, int partition, int number)
        {
            var batch = Batch(partition, number, random).ToArray();
            await engine.WriteAsync(batch);
            written.AddRange(batch);
        }
        await WriteAsync(from, 0, 0);
        await WriteAsync(from, 1, 0);

        await to.Engine.TakeAsync([0], CancellationToken.None);
        await WriteAsync(to, 0, 1);
        await Assert.ThrowsAsync<PartitionMovedException>(() => from.WriteAsync(Batch(0, 2, random)));
        // A checkpoint of what it still has in memory is not stored over the other's.
        await from.Engine.CheckpointAsync(CancellationToken.None);

        Assert.Equal([0], from.Lost.Keys);
        await WriteAsync(from, 1, 1);
        await from.Engine.DropAsync(0);
        await to.Engine.CheckpointAsync(CancellationToken.None);
        Assert.Equal([1], from.Engine.Owned.Numbers);
        await from.Engine.TakeAsync([0], CancellationToken.None);
        await WriteAsync(from, 0, 2);
        await Assert.ThrowsAsync<PartitionMovedException>(() => to.WriteAsync(Batch(0, 3, random)));
        await to.Engine.DropAsync(0);
        Assert.False(from.Engine.Failed.IsCompleted);
        Assert.False(to.Engine.Failed.IsCompleted);
        await AssertAsOneAsync(database, [.. written]);
        await DisposeAsync();
    }

    [Fact]
    public async Task Rules_that_come_in_force_while_a_partition_is_recovered_hold_there_too()
    {
        var database = await server.CreateDatabaseAsync();
        await StartAsync(database);
        var (from, to) = (_engines[0], _engines[1]);
        await from.WriteAsync([($"{Machines[0]}/s0", new Reading(TestGrid.Day, 1))]);
        await from.Engine.GiveUpAsync(0, Patience, CancellationToken.None);
        Task taking;
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var holding = new NpgsqlCommand("select from partition_turn where partition = 0 for update", connection);
            await holding.ExecuteNonQueryAsync();
            taking = to.Engine.TakeAsync([0], CancellationToken.None);
            await to.Engine.UseAsync(RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 5 } } ] }"""u8));
            Assert.False(taking.IsCompleted);
        }
        await taking;

        await to.WriteAsync([($"{Machines[0]}/s0", new Reading(TestGrid.Day + EventTime.Second, 10))]);

        Assert.Equal("limits", Assert.Single(await to.Reads.GetFlagsAsync(new FlagQuery(), CancellationToken.None)).Detector);
        await DisposeAsync();
    }

    [Fact]
    public async Task A_write_beyond_the_limit_of_all_engines_together_keeps_its_other_lines()
    {
        var options = Options with { Limits = new CatalogLimits(Sensors: 5) };
        await StartAsync(await server.CreateDatabaseAsync(), options);
        IEnumerable<(string, Reading)> Of(string machine, int sensors) => Enumerable.Range(0, sensors).Select(i => ($"{machine}/s{i}", new Reading(TestGrid.Day, i)));
        Assert.Equal((3, 0), Counts(await _engines[0].WriteAsync(Of(Machines[0], 3))));

        // This engine has not heard of the three.
        var report = await _engines[1].WriteAsync(Of(Machines[2], 4));

        Assert.Equal((2, 2), Counts(report));
        Assert.Equal([3, 4], report.Errors.Select(e => e.Line));
        Assert.All(report.Errors, e => Assert.Equal("the grid has its limit of 5 sensors", e.Reason));
        await Eventually.TrueAsync(() => _engines[1].Engine.InFlight.Used == 0, "the room of the write is free");
        await DisposeAsync();
        static (long, long) Counts(WriteReport report) => (report.Accepted, report.Rejected);
    }

    private async Task StartAsync(string database, GridOptions? options = null)
    {
        IPartition[] everywhere = [.. Enumerable.Range(0, Partitions).Select(p => SharingEngine.Anywhere(_engines, p))];
        _engines.Add(await SharingEngine.StartAsync(database, "one", options ?? Options, Rules, everywhere, 0, 1));
        _engines.Add(await SharingEngine.StartAsync(database, "two", options ?? Options, Rules, everywhere, 2, 3));
    }

    private async Task DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }
    }

    // To the other engine: given up first, or taken away, of which the former owner hears when it writes.
    private async Task MoveAsync(int partition, bool isGivenUp)
    {
        var from = _engines.Single(e => e.Engine.Owned[partition] is not null);
        var to = _engines.Single(e => e != from);
        from.Lost.TryRemove(partition, out _);
        var before = _written[partition].Count;
        if (isGivenUp)
        {
            await from.Engine.GiveUpAsync(partition, Patience, CancellationToken.None);
        }
        await to.Engine.TakeAsync([partition], CancellationToken.None);
        if (!isGivenUp)
        {
            await Eventually.TrueAsync(() => from.Lost.ContainsKey(partition), "the former owner hears of it");
            await from.Engine.DropAsync(partition);
        }
        await Eventually.TrueAsync(() => _written[partition].Count > before, "writes go on");
    }

    // Offers each batch to one engine after the other until one takes it.
    private async Task WriteAllAsync(int partition, Random random, CancellationToken stop)
    {
        var engine = 0;
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var batch = Batch(partition, number, random).ToArray();
            for (var isTaken = false; !isTaken;)
            {
                try
                {
                    await _engines[engine].WriteAsync(batch);
                    isTaken = true;
                }
                catch (PartitionMovedException)
                {
                    engine = 1 - engine;
                }
            }
            Array.ForEach(batch, _written[partition].Enqueue);
        }
    }

    // A reading of each sensor of the partition's machine: a second on, and now and then late, which is judged again.
    private static IEnumerable<(string Path, Reading Reading)> Batch(int partition, int number, Random random) => Enumerable.Range(0, SensorsOfMachine)
        .Select(s => ($"{Machines[partition]}/s{s}", new Reading(TestGrid.Day + (number * EventTime.Second) + (random.Next(40) == 0 ? -90 * EventTime.Second : 0), random.Next(100))));

    private async Task AssertAsOneAsync(string database, (string Path, Reading Reading)[] written)
    {
        foreach (var engine in _engines)
        {
            await engine.Engine.CheckpointAsync(CancellationToken.None);
        }
        foreach (var engine in _engines)
        {
            await engine.Engine.Registry.RefreshAsync(CancellationToken.None);
            await engine.Engine.RestateAsync(CancellationToken.None);
        }
        var one = await OneAsync(written);
        foreach (var engine in _engines)
        {
            Assert.Equal(one.Flags, await FlagsAsync(q => engine.Reads.GetFlagsAsync(q, CancellationToken.None)));
            foreach (var path in one.Model.Paths)
            {
                foreach (var size in Sizes)
                {
                    one.Model.AssertWindows(path, size, (await engine.Reads.GetStatisticsAsync(PathOf(path), 0, EventTime.Max, size, CancellationToken.None))![0].Rows);
                }
            }
        }
        Assert.Equal(one.Model.Count, await Table.ScalarAsync<long>(database, "select count(*) from readings"));
    }

    private static async Task AssertEqualAsync(EdgeGrid grid, (PlainModel Model, List<Flag> Flags) one, (string Path, Reading Reading)[] written)
    {
        Assert.NotEmpty(written);
        Assert.Equal(one.Flags, await FlagsAsync(q => grid.GetFlagsAsync(q, CancellationToken.None)));
        foreach (var path in one.Model.Paths)
        {
            one.Model.AssertWindows(path, EventTime.Minute, (await grid.GetStatisticsAsync(PathOf(path), 0, EventTime.Max, EventTime.Minute, CancellationToken.None))![0].Rows);
        }
    }

    // What one engine makes of the same readings.
    private async Task<(PlainModel Model, List<Flag> Flags)> OneAsync((string Path, Reading Reading)[] written)
    {
        var model = new PlainModel();
        Array.ForEach(written, w => model.Write(w.Path, w.Reading));
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Rules);
        await grid.WriteAsync(written);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.RestateAsync(CancellationToken.None);
        var flags = await FlagsAsync(q => grid.Grid.GetFlagsAsync(q, CancellationToken.None));
        Assert.NotEmpty(flags);
        return (model, flags);
    }

    private static async Task<List<Flag>> FlagsAsync(Func<FlagQuery, Task<IReadOnlyList<Flag>>> ask) =>
        [.. (await ask(new FlagQuery { Limit = int.MaxValue })).OrderBy(f => f.Id, StringComparer.Ordinal)];

    private static GridPath PathOf(string path)
    {
        var parts = path.Split('/');
        return new GridPath(parts[0], parts[1], parts[2]);
    }
}
