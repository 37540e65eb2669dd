using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>What people make of flags, before and after checkpoints, starts and moves.</summary>
[Collection(PostgresServer.Collection)]
public sealed class AlarmTests(PostgresServer server)
{
    private const string Path = "f/m/temperature";
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);
    private static readonly GridOptions Options = new() { Partitions = 4 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_acknowledged_flag_is_so_everywhere_and_after_checkpoint_and_restart(bool isStored)
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, Options, Limits);
        var flag = await RaiseAsync(grid);
        if (isStored)
        {
            await grid.Grid.CheckpointAsync(CancellationToken.None);
        }

        var (outcome, acknowledged) = await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge);

        Assert.Equal(AlarmOutcome.Done, outcome);
        Assert.Equal(flag with { State = AlarmState.Acknowledged, Acknowledged = acknowledged!.Acknowledged }, acknowledged);
        Assert.InRange(acknowledged.Acknowledged!.Value, EventTime.FromDateTime(DateTimeOffset.UtcNow) - EventTime.Minute, EventTime.FromDateTime(DateTimeOffset.UtcNow));
        await AssertEverywhereAsync(grid, acknowledged);
        // It gets worse: the checkpoint writes its row anew.
        await grid.WriteAsync([At(20, 500)]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var worse = (await grid.SensorAsync(Path)).Flags.Single();
        Assert.True(worse.Score > flag.Score);
        Assert.Equal(acknowledged with { Score = worse.Score }, worse);
        await AssertEverywhereAsync(grid, worse);
        await grid.AbandonAsync();
        await grid.StartAsync();
        await AssertEverywhereAsync(grid, worse);
        Assert.Equal("acknowledged", await Table.ScalarAsync<string>(database, "select state from flags where acknowledged is not null and sensor = 'temperature'"));
    }

    [Fact]
    public async Task A_flag_that_no_checkpoint_has_brought_keeps_what_was_made_of_it()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, Options, Limits);
        var flag = await RaiseAsync(grid);
        var (_, shelved) = await ChangeAsync(grid, flag.Id, AlarmAction.Shelve);
        await grid.AbandonAsync();
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from flag"));
        await grid.StartAsync();
        Assert.Equal((AlarmState.Shelved, null), (shelved!.State, shelved.Acknowledged));
        await AssertEverywhereAsync(grid, shelved);
    }

    [Fact]
    public async Task A_flag_that_ends_is_cleared_and_stays_acknowledged()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Limits);
        var flag = await RaiseAsync(grid);
        var (_, acknowledged) = await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge);
        await grid.WriteAsync([At(30, 20), At(31, 20)]);
        var ended = Assert.Single(await FlagsAsync(grid, AlarmState.Cleared));
        Assert.Equal(acknowledged! with { To = ended.To, State = AlarmState.Cleared, Score = ended.Score }, ended);
        Assert.NotNull(ended.To);
        for (var round = 0; round < 2; round++)
        {
            await grid.Grid.CheckpointAsync(CancellationToken.None);
            Assert.Equal(ended, Assert.Single(await FlagsAsync(grid, AlarmState.Cleared)));
            Assert.Empty(await FlagsAsync(grid, AlarmState.Acknowledged));
            Assert.Empty((await grid.SensorAsync(Path)).Flags);
            await grid.StopAsync();
            await grid.StartAsync();
        }
        Assert.Equal((AlarmOutcome.NotAllowed, ended), await ChangeAsync(grid, flag.Id, AlarmAction.Shelve));
        Assert.Equal((AlarmOutcome.Done, ended), await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge));
    }

    [Fact]
    public async Task What_ended_unseen_can_be_acknowledged_while_it_is_being_stored_and_after()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Limits);
        var flag = await RaiseAsync(grid);
        await grid.WriteAsync([At(30, 20), At(31, 20), At(32, 90)]);
        var (_, first) = await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge);
        await grid.WriteAsync([At(40, 20)]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var second = (await FlagsAsync(grid, null)).Single(f => f.Id != flag.Id);
        Assert.Null(second.Acknowledged);
        var (outcome, after) = await ChangeAsync(grid, second.Id, AlarmAction.Acknowledge);
        Assert.Equal((AlarmOutcome.Done, AlarmState.Cleared), (outcome, after!.State));
        Assert.Equal([after, first!], await FlagsAsync(grid, AlarmState.Cleared));
    }

    [Fact]
    public async Task An_open_flag_that_was_cleared_is_not_opened_by_what_follows()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Limits);
        var flag = await RaiseAsync(grid);
        var (_, cleared) = await ChangeAsync(grid, flag.Id, AlarmAction.Clear);
        Assert.Equal((AlarmState.Cleared, (long?)null), (cleared!.State, cleared.To));
        Assert.Equal((AlarmOutcome.NotAllowed, cleared), await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge));
        await grid.WriteAsync([At(20, 500)]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(AlarmState.Cleared, (await grid.SensorAsync(Path)).Flags.Single().State);
        Assert.Empty(await FlagsAsync(grid, AlarmState.Active));
        // What comes after its end is another flag.
        await grid.WriteAsync([At(30, 20), At(31, 20), At(40, 90)]);
        Assert.NotEqual(flag.Id, Assert.Single(await FlagsAsync(grid, AlarmState.Active)).Id);
    }

    [Fact]
    public async Task Nothing_is_made_of_unknown_flags_and_retention_takes_all_of_one()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, Options with { Retention = new() { Flags = TimeSpan.FromDays(1) } }, Limits);
        foreach (var id in new[] { "0123456789abcdef", "", "no id", "'; drop table flag" })
        {
            Assert.Equal((AlarmOutcome.UnknownFlag, null), await ChangeAsync(grid, id, AlarmAction.Acknowledge));
        }
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from flag_alarm"));
        var flag = await RaiseAsync(grid);
        await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.SweepAsync(CancellationToken.None);
        Assert.Equal(1, await Table.ScalarAsync<long>(database, "select count(*) from flag_alarm"));
        await grid.WriteAsync([At(30, 20), At(31, 20)]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.SweepAsync(CancellationToken.None);
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from flag_alarm"));
        Assert.Equal((AlarmOutcome.UnknownFlag, null), await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge));
    }

    [Fact]
    public async Task A_partition_that_cannot_be_written_keeps_nobody_waiting_for_another()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, Options, Limits);
        string[] machines = [.. Enumerable.Range(0, 100).Select(i => $"f/m{i}").DistinctBy(PartitionOf).Take(2)];
        await grid.WriteAsync(machines.SelectMany(m => new[] { At(0, 20, m), At(10, 90, m) }));
        var flags = (await FlagsAsync(grid, null)).ToDictionary(f => f.Path[..f.Path.LastIndexOf('/')]);
        var (held, other) = (flags[machines[0]], flags[machines[1]]);
        Task<(AlarmOutcome Outcome, Flag? After)> waiting;
        await using (await TableLock.TakeTurnAsync(database, PartitionOf(machines[0])))
        {
            waiting = ChangeAsync(grid, held.Id, AlarmAction.Acknowledge);
            await Eventually.TrueAsync(
                async () => await Table.ScalarAsync<long>(database, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 1,
                "the change waits for the partition");

            Assert.Equal(AlarmOutcome.Done, (await ChangeAsync(grid, other.Id, AlarmAction.Acknowledge).WaitAsync(Eventually.Deadline)).Outcome);
            var unknown = grid.Grid.Engine.ChangeAlarmAsync(PartitionOf(machines[0]), "0123456789abcdef", AlarmAction.Acknowledge, CancellationToken.None);
            Assert.Equal(AlarmOutcome.UnknownFlag, (await unknown.WaitAsync(Eventually.Deadline)).Outcome);
            Assert.False(waiting.IsCompleted);
        }
        Assert.Equal(AlarmOutcome.Done, (await waiting).Outcome);
    }

    [Fact]
    public async Task Changes_of_one_flag_at_the_same_time_come_one_after_the_other()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, Options, Limits);
        for (var round = 0; round < 10; round++)
        {
            await grid.WriteAsync([At((100 * round) + 1, 20), At((100 * round) + 10, 90)]);
            var flag = (await grid.SensorAsync(Path)).Flags.Single();

            var answers = await Task.WhenAll(
                Enumerable.Range(0, 20).Select(i => Task.Run(() => ChangeAsync(grid, flag.Id, i % 2 == 0 ? AlarmAction.Acknowledge : AlarmAction.Shelve))));

            Assert.All(answers, a => Assert.Equal(AlarmOutcome.Done, a.Outcome));
            // Who acknowledged it first did.
            Assert.Single(answers.Select(a => a.After!.Acknowledged).OfType<long>().Distinct());
            var now = (await grid.SensorAsync(Path)).Flags.Single();
            Assert.Equal((short)now.State, await Table.ScalarAsync<short>(database, "select state from flag_alarm where flag = $1", flag.Id));
        }
    }

    [Fact]
    public async Task What_is_no_id_is_looked_for_nowhere()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, Options, Limits);
        await using (await TableLock.TakeAsync(database, "flag"))
        {
            foreach (var id in new[] { "", "no id", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg", "+123456789abcdef" })
            {
                Assert.Equal((AlarmOutcome.UnknownFlag, null), await ChangeAsync(grid, id, AlarmAction.Acknowledge).WaitAsync(Eventually.Deadline));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_open_flag_is_found_by_its_id_and_none_that_has_ended(int seed)
    {
        var random = new Random(seed);
        var rules = RuleSet.Parse("""{ "defaults": { "silence": true }, "rules": [ { "limits": { "h": 50 }, "rate-of-change": { "up": 1 } } ] }"""u8);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, rules);
        var seen = new HashSet<string>();
        for (var round = 0; round < 12; round++)
        {
            await grid.WriteAsync(Enumerable.Range(0, 60).Select(i => At((10 * round) + (i / 20), random.Next(3) == 0 ? 90 : 20, $"f/m{i % 5}", $"s{random.Next(6)}")));
            var now = TestGrid.Day + (((10 * round) + 9) * EventTime.Minute);
            foreach (var partition in grid.Grid.Engine.Owned)
            {
                var (open, found) = await partition.AskAsync(p =>
                {
                    p.JudgeSilence(now, 1);
                    Flag[] all = [.. p.Twins.SelectMany(p.OpenFlags), .. p.Machines.Select(p.OpenFlag).OfType<Flag>()];
                    return (all, Array.ConvertAll(all, f => p.FindFlag(f.Id)?.Flag));
                });
                Assert.Equal(open, found);
                seen.UnionWith(open.Select(f => f.Id));
            }
            if (round % 3 == 2)
            {
                await grid.Grid.CheckpointAsync(CancellationToken.None);
                await AssertEndedAreForgottenAsync(grid, seen);
            }
            if (round % 4 == 3)
            {
                // From snapshots, and what the log has beyond them.
                await grid.AbandonAsync();
                await grid.StartAsync();
            }
        }
        Assert.True(seen.Count > 50, $"{seen.Count} flags");
    }

    private static async Task AssertEndedAreForgottenAsync(TestGrid grid, HashSet<string> seen)
    {
        var open = (await FlagsAsync(grid, null)).Where(f => f.To is null).Select(f => f.Id).ToHashSet();
        foreach (var partition in grid.Grid.Engine.Owned)
        {
            Assert.Empty(await partition.AskAsync(p => seen.Where(id => !open.Contains(id) && p.FindFlag(id) is not null).ToArray()));
        }
    }

    [Fact]
    public async Task A_flag_of_before_a_start_is_acknowledged_after_it()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), Options, Limits);
        var flag = await RaiseAsync(grid);
        await grid.StopAsync();
        await grid.StartAsync();
        var (outcome, acknowledged) = await ChangeAsync(grid, flag.Id, AlarmAction.Acknowledge);
        Assert.Equal((AlarmOutcome.Done, AlarmState.Acknowledged), (outcome, acknowledged!.State));
        await AssertEverywhereAsync(grid, acknowledged);
    }

    [Fact]
    public async Task An_alarm_outlives_the_partition_that_moves_to_another_process()
    {
        var database = await server.CreateDatabaseAsync();
        var engines = new List<SharingEngine>();
        Engine.Partitions.IPartition[] everywhere = [.. Enumerable.Range(0, 4).Select(p => SharingEngine.Anywhere(engines, p))];
        engines.Add(await SharingEngine.StartAsync(database, "a", Options, Limits, everywhere, 0, 1, 2, 3));
        engines.Add(await SharingEngine.StartAsync(database, "b", Options, Limits, everywhere));
        var (from, to) = (engines[0].Engine, engines[1].Engine);
        await engines[0].WriteAsync([At(0, 20), At(10, 90)]);
        var flag = (await engines[0].Reads.GetSensorAsync("f", "m", "temperature", CancellationToken.None))!.Flags.Single();
        var partition = Core.Catalog.Partitioner.Of("f", "m", 4);
        var (_, acknowledged) = await from.ChangeAlarmAsync(partition, flag.Id, AlarmAction.Acknowledge, CancellationToken.None);

        await to.TakeAsync([partition], CancellationToken.None);

        Assert.Equal(acknowledged, (await to.Owned[partition]!.AskAsync(p => p.FindFlag(flag.Id)))!.Flag);
        // Who has lost the partition changes nothing any more.
        await Assert.ThrowsAsync<Engine.Partitions.PartitionMovedException>(() => from.ChangeAlarmAsync(partition, flag.Id, AlarmAction.Clear, CancellationToken.None));
        Assert.Equal(AlarmState.Acknowledged, (await to.Owned[partition]!.AskAsync(p => p.FindFlag(flag.Id)))!.Flag.State);
        Assert.Equal(AlarmOutcome.Done, (await to.ChangeAlarmAsync(partition, flag.Id, AlarmAction.Clear, CancellationToken.None)).Outcome);
        foreach (var engine in engines)
        {
            await engine.DisposeAsync();
        }
    }

    private static async Task<Flag> RaiseAsync(TestGrid grid)
    {
        await grid.WriteAsync([At(0, 20), At(10, 90)]);
        return (await grid.SensorAsync(Path)).Flags.Single();
    }

    private static int PartitionOf(string machine) => Core.Catalog.Partitioner.Of(machine.Split('/')[0], machine.Split('/')[1], Options.Partitions);

    private static async Task<(AlarmOutcome Outcome, Flag? After)> ChangeAsync(TestGrid grid, string flag, AlarmAction action)
    {
        var (outcome, after) = await grid.Grid.ChangeAlarmAsync(flag, action, CancellationToken.None);
        return (outcome, after);
    }

    private static async Task AssertEverywhereAsync(TestGrid grid, Flag flag)
    {
        Assert.Equal(flag, (await grid.SensorAsync(Path)).Flags.Single());
        Assert.Equal(flag, (await grid.Grid.GetMachineAsync("f", "m", CancellationToken.None))!.Flags.Single());
        Assert.Equal(flag, (await grid.Grid.GetFactoryAsync("f", CancellationToken.None))!.Flags.Single());
        Assert.Equal(flag, Assert.Single(await FlagsAsync(grid, null)));
        Assert.Equal(flag, Assert.Single(await FlagsAsync(grid, flag.State)));
        Assert.Empty(await FlagsAsync(grid, AlarmState.Active));
    }

    private static Task<IReadOnlyList<Flag>> FlagsAsync(TestGrid grid, AlarmState? state) => grid.Grid.GetFlagsAsync(new FlagQuery(State: state), CancellationToken.None);

    private static (string, Reading) At(int minute, double value, string machine = "f/m", string sensor = "temperature") => ($"{machine}/{sensor}", new Reading(TestGrid.Day + (minute * EventTime.Minute), value));
}
