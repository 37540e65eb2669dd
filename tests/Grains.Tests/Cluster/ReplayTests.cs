using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>A replay runs on one silo; all know of it.</summary>
[Collection(PostgresServer.Collection)]
public sealed class ReplayTests(PostgresServer postgres)
{
    private static readonly ReplayRequest Everything = new("*", EventTime.Min, EventTime.Max, EventTime.Minute, """{"defaults":{}}"""u8.ToArray());

    [Fact]
    public async Task Every_silo_tells_of_a_replay_and_removes_it()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 3);
        foreach (var batch in Bodies.Of(4, 2, 6))
        {
            await Bodies.WriteAsync(cluster.Grids[0], batch);
        }
        var (first, others) = (cluster.Grids[0].Replays, cluster.Grids[1..].Select(g => g.Replays).ToArray());
        var started = await first.StartAsync(Everything, default);
        var done = await DoneAsync(others[0], started.Id);
        var result = await first.GetResultAsync(started.Id, default);

        Assert.NotEmpty(result!.Statistics);
        Assert.All(others, other =>
        {
            Assert.Equal(Bits.Of(done), Bits.Of(other.FindAsync(started.Id, default).Result));
            Assert.Equal(Bits.Of(result), Bits.Of(other.GetResultAsync(started.Id, default).Result));
            Assert.Equal([started.Id], other.ListAsync(default).Result.Select(r => r.Id));
        });
        var elsewhere = await others[1].StartAsync(Everything, default);
        await DoneAsync(first, elsewhere.Id);
        Assert.Equal(new[] { started.Id, elsewhere.Id }.Order(), (await others[0].ListAsync(default)).Select(r => r.Id).Order());

        Assert.True(await others[0].RemoveAsync(started.Id, default));
        Assert.Null(await first.FindAsync(started.Id, default));
        Assert.False(await first.RemoveAsync(started.Id, default));
        Assert.Null(await others[1].GetResultAsync("no such replay", default));

        await cluster.KillAsync(cluster.Silos[2]);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await first.ListAsync(default)).Count == 0 && await others[0].FindAsync(elsewhere.Id, default) is null;
                }
                catch (StoreUnavailableException)
                {
                    return false;
                }
            },
            "the replay is gone with its silo");
    }

    [Fact]
    public async Task A_silo_replays_sensors_that_others_have_just_met()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        var machine = Enumerable.Range(0, 1000).Select(i => $"m{i}").First(m => cluster.OwnerOf(Partitioner.Of("f", m, cluster.Options.Partitions)) == cluster.Silos[0]);
        await cluster.Grids[0].WriteAsync(
            Encoding.UTF8.GetBytes($"v,factory=f,machine={machine} a=1 1769860800"), new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Seconds }, default);

        var started = await cluster.Grids[1].Replays.StartAsync(Everything with { Path = $"f/{machine}" }, default);

        Assert.Equal(1, (await DoneAsync(cluster.Grids[1].Replays, started.Id)).Sensors);
    }

    private static async Task<ReplayView> DoneAsync(IReplays replays, string id)
    {
        ReplayView? view = null;
        await Eventually.TrueAsync(async () => (view = await replays.FindAsync(id, default))!.State is ReplayState.Done or ReplayState.Failed, "the replay has ended");
        Assert.Equal((ReplayState.Done, null), (view!.State, view.Fault));
        return view;
    }
}
