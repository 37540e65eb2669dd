using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Flags are acknowledged on any silo and by any grain, and stay so while partitions move.</summary>
[Collection(PostgresServer.Collection)]
public sealed class AlarmTests(PostgresServer postgres)
{
    private const long Begin = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);

    [Fact]
    public async Task What_is_done_on_one_silo_is_so_on_all_and_after_a_move()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: Limits);
        var partition = Partitioner.Of("f", "m", cluster.Options.Partitions);
        await WriteAsync(cluster.Grids[0], "f/m/temperature", (0, 20), (10, 90));
        var flag = Assert.Single(await FlagsAsync(cluster.Grids[1]));
        Assert.Equal(AlarmOutcome.UnknownFlag, (await cluster.Grids[1].ChangeAlarmAsync("nope", AlarmAction.Clear, CancellationToken.None)).Outcome);

        // One of the silos is not the one that has the flag's partition.
        foreach (var (grid, action, state) in (IEnumerable<(IGrid, AlarmAction, AlarmState)>)
            [(cluster.Grids[0], AlarmAction.Shelve, AlarmState.Shelved), (cluster.Grids[1], AlarmAction.Acknowledge, AlarmState.Acknowledged)])
        {
            var (outcome, after) = await grid.ChangeAlarmAsync(flag.Id, action, CancellationToken.None);
            Assert.Equal((AlarmOutcome.Done, state), (outcome, after!.State));
            foreach (var asked in cluster.Grids)
            {
                Assert.Equal(after, Assert.Single(await FlagsAsync(asked)));
                Assert.Equal(after, (await asked.GetSensorAsync("f", "m", "temperature", CancellationToken.None))!.Flags.Single());
            }
        }
        var acknowledged = Assert.Single(await FlagsAsync(cluster.Grids[0]));
        var from = cluster.OwnerOf(partition)!;
        await cluster.Grains.GetGrain<ILogPartitionGrain>(partition).MoveAsync(cluster.Silos.First(s => s != from).SiloAddress);
        await Eventually.TrueAsync(() => cluster.OwnerOf(partition) is { } owner && owner != from, "the partition has moved");
        Assert.Equal(acknowledged, (await cluster.Grids[0].GetSensorAsync("f", "m", "temperature", CancellationToken.None))!.Flags.Single());
        await cluster.KillAsync(cluster.OwnerOf(partition)!);
        await cluster.SettledAsync();
        Assert.Equal(acknowledged, (await cluster.Grids[0].GetSensorAsync("f", "m", "temperature", CancellationToken.None))!.Flags.Single());
    }

    [Fact]
    public async Task Grains_change_the_flags_of_their_paths_alone()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: Limits);
        await WriteAsync(cluster.Grids[0], "f/m/temperature", (0, 20), (10, 90));
        await WriteAsync(cluster.Grids[0], "g/m/temperature", (0, 20), (10, 90));
        var flag = (await FlagsAsync(cluster.Grids[0])).Single(f => f.Path == "f/m/temperature");
        var (mine, other) = (cluster.Grains.GetGrain<ISensorGrain>(flag.Path), cluster.Grains.GetGrain<ISensorGrain>("g/m/temperature"));

        Assert.Equal(AlarmOutcome.UnknownFlag, (await other.ChangeAlarmAsync(flag.Id, AlarmAction.Clear)).Outcome);
        Assert.Equal(AlarmOutcome.UnknownFlag, (await cluster.Grains.GetGrain<IFactoryGrain>("g").ChangeAlarmAsync(flag.Id, AlarmAction.Clear)).Outcome);
        Assert.Equal(AlarmState.Shelved, (await cluster.Grains.GetGrain<IFactoryGrain>("f").ChangeAlarmAsync(flag.Id, AlarmAction.Shelve)).Flag!.State);
        Assert.Equal(AlarmState.Acknowledged, (await cluster.Grains.GetGrain<IMachineGrain>("f/m").ChangeAlarmAsync(flag.Id, AlarmAction.Acknowledge)).Flag!.State);
        var cleared = await mine.ChangeAlarmAsync(flag.Id, AlarmAction.Clear);
        Assert.Equal((AlarmOutcome.Done, AlarmState.Cleared), (cleared.Outcome, cleared.Flag!.State));
        Assert.Equal(new AlarmAnswer(AlarmOutcome.NotAllowed, cleared.Flag), await mine.ChangeAlarmAsync(flag.Id, AlarmAction.Acknowledge));
        await Assert.ThrowsAsync<UnknownPathException>(() => cluster.Grains.GetGrain<ISensorGrain>("f/m/no").ChangeAlarmAsync(flag.Id, AlarmAction.Acknowledge));
    }

    private static Task<IReadOnlyList<Flag>> FlagsAsync(IGrid grid) => grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None);

    private static Task WriteAsync(IGrid grid, string path, params (int Minute, double Value)[] readings)
    {
        var parts = path.Split('/');
        var lines = readings.Select(r => $"m,factory={parts[0]},machine={parts[1]},sensor={parts[2]} value={r.Value} {Begin + (r.Minute * EventTime.Minute)}\n");
        return grid.WriteAsync(
            Encoding.UTF8.GetBytes(string.Concat(lines)), new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Microseconds }, CancellationToken.None);
    }
}
