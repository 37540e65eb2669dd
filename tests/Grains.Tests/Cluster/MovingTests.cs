using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Edge.Tests;
using SensorGrid.Engine;
using SensorGrid.Faults.Tests;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Silos come, go and die, and partitions move, while readings come in: nothing is lost and nothing is there twice.</summary>
[Collection(PostgresServer.Collection)]
public sealed class MovingTests(PostgresServer postgres)
{
    private const int Senders = 4;

    [Fact]
    public async Task Sensors_that_several_silos_meet_at_the_same_time_are_one()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 3);
        var model = new PlainModel();
        for (var round = 0; round < 20; round++)
        {
            var meet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var writes = cluster.Grids.Select((grid, silo) =>
            {
                // The same new sensors from every silo, in another order each, at a time of the silo's own.
                var readings = Enumerable.Range(0, 12).Select(i => (Path: $"f{round}/m{(i + silo) % 4}/s{(i + silo) % 12}", Reading: new Reading(((round * 10) + silo + 1) * EventTime.Minute, i)));
                var batch = BatchText.Write($"0-{round}", InputKind.NdJson, false, [.. readings], [], new Random(silo));
                foreach (var (path, reading) in batch.Readings)
                {
                    model.Write(path, reading);
                }
                return Task.Run(async () =>
                {
                    await meet.Task;
                    await Bodies.WriteAsync(grid, batch);
                });
            }).ToArray();
            meet.SetResult();
            await Task.WhenAll(writes);
        }
        foreach (var grid in cluster.Grids)
        {
            await Answers.AssertModelAsync(grid, model);
            Assert.Equal(20, (await grid.ListFactoriesAsync(CancellationToken.None)).Count);
            Assert.Equal(model.Paths.Count(), grid.Info.Sensors);
        }
    }

    [Fact]
    public Task Partitions_that_move_lose_nothing() => WriteWhileAsync(2, async (cluster, written) =>
    {
        var random = new Random(5);
        for (var move = 0; move < 24; move++)
        {
            await written(3 + (move * 3));
            var partition = random.Next(cluster.Options.Partitions);
            if (cluster.OwnerOf(partition) is { } from)
            {
                var to = cluster.Silos.First(s => s != from).SiloAddress;
                await cluster.Grains.GetGrain<ILogPartitionGrain>(partition).MoveAsync(to);
            }
        }
    });

    [Fact]
    public Task A_silo_that_comes_takes_its_share() => WriteWhileAsync(2, async (cluster, written) =>
    {
        await written(20);
        await cluster.AddSiloAsync();
        await cluster.SettledAsync();
        Assert.All(cluster.Silos, s => Assert.InRange(GridCluster.EngineOf(s).Owned.Numbers.Count(), 2, 3));
    });

    [Fact]
    public Task A_silo_that_stops_hands_its_partitions_on() => WriteWhileAsync(3, async (cluster, written) =>
    {
        await written(20);
        await cluster.StopAsync(cluster.Silos[1]);
        await cluster.SettledAsync();
    });

    [Fact]
    public Task The_partitions_of_a_silo_that_is_killed_are_read_by_others() => WriteWhileAsync(3, async (cluster, written) =>
    {
        await written(20);
        await cluster.KillAsync(cluster.Silos[1]);
        await cluster.SettledAsync();
        await written(40);
        await cluster.CheckpointAsync();
        await cluster.AddSiloAsync();
        await cluster.SettledAsync();
        await written(60);
        await cluster.KillAsync(cluster.Silos[0]);
        await cluster.SettledAsync();
    });

    // Writes go to any silo that is there, and are repeated until they are taken; the model is compared when they are over.
    private async Task WriteWhileAsync(int silos, Func<GridCluster, Func<int, Task>, Task> happen)
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), silos, new GridOptions { Partitions = 8 });
        var all = Bodies.Of(silos, Senders, 40);
        var count = 0;
        using var stop = new CancellationTokenSource();
        var random = new Random(silos);
        var writing = all.GroupBy(b => b.Name.Split('-')[0]).Select(sender => Task.Run(async () =>
        {
            foreach (var batch in sender)
            {
                await Bodies.WriteUntilTakenAsync(AnyGrid, batch);
                Interlocked.Increment(ref count);
                stop.Token.ThrowIfCancellationRequested();
            }
        })).ToArray();
        try
        {
            await happen(cluster, n => Eventually.TrueAsync(() => Volatile.Read(ref count) >= n || writing.Any(w => w.IsFaulted), $"{n} batches"));
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll(writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        await Task.WhenAll(writing);
        var model = Bodies.Model(all);
        foreach (var grid in cluster.Grids)
        {
            await Answers.AssertModelAsync(grid, model);
        }
        await cluster.CheckpointAsync();
        await cluster.RestateAsync();
        await Answers.AssertModelAsync(cluster.Grids[0], model);
        Assert.Equal(model.Count, await Table.ScalarAsync<long>(cluster.ConnectionString, "select count(*) from readings"));

        IGrid AnyGrid()
        {
            var grids = cluster.Silos;
            lock (random)
            {
                return GridCluster.GridOf(grids[random.Next(grids.Count)]);
            }
        }
    }
}
