using Microsoft.Extensions.Logging;
using SensorGrid.Edge.Tests;
using SensorGrid.Engine;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>The stored state of grains that does not decode: their silo's death is survived all the same, as their twins are rebuilt from the history.</summary>
[Collection(PostgresServer.Collection)]
public sealed class DamagedStateTests(PostgresServer postgres)
{
    // A bit that flipped, a half that is missing, nothing at all.
    private const string Damage =
        """
        update snapshot set state = case ((chunk & 3) + partition) % 3
            when 0 then set_byte(state, length(state) / 2, get_byte(state, length(state) / 2) # 4)
            when 1 then substring(state, 1, length(state) / 2)
            else '' end
        """;

    [Fact]
    public async Task What_moves_is_rebuilt_and_goes_on()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, new GridOptions { Partitions = 4 });
        var batches = Bodies.Of(seed: 1, senders: 3, each: 30);
        await WriteAsync(batches[..60]);
        await cluster.CheckpointAsync();
        await WriteAsync(batches[60..75]);
        await Table.ExecuteAsync(cluster.ConnectionString, Damage);
        var moved = GridCluster.EngineOf(cluster.Silos[1]).Owned.Numbers.ToArray();

        await cluster.KillAsync(cluster.Silos[1]);
        await cluster.SettledAsync();

        await Answers.AssertModelAsync(cluster.Grids[0], Bodies.Model(batches[..75]));
        var told = cluster.Log.Lines.Where(l => l.Level == LogLevel.Error && l.Text.Contains(" of the snapshot of partition ", StringComparison.Ordinal)).ToArray();
        var damaged = await Table.ScalarAsync<long>(cluster.ConnectionString, "select count(*) from snapshot where partition = any($1)", moved);
        Assert.Equal((damaged, true), (told.Length, damaged > 2));
        var path = Bodies.Model(batches).Paths.First(p => moved.Contains(PartitionOf(p)));
        Assert.NotNull(await cluster.Grains.GetGrain<ISensorGrain>(path).GetTwinAsync());

        // The rest lands in twins that are rebuilt, and a checkpoint of theirs is a good one.
        await WriteAsync(batches[75..]);
        await cluster.CheckpointAsync();
        cluster.Log.Lines.Clear();
        await cluster.AddSiloAsync();
        await cluster.SettledAsync();
        await cluster.RestateAsync();
        foreach (var grid in cluster.Grids)
        {
            await Answers.AssertModelAsync(grid, Bodies.Model(batches));
        }
        Assert.DoesNotContain(cluster.Log.Lines, l => l.Text.Contains(" of the snapshot of partition ", StringComparison.Ordinal));

        async Task WriteAsync(Faults.Tests.Batch[] some)
        {
            foreach (var batch in some)
            {
                await Bodies.WriteAsync(cluster.Grids[0], batch);
            }
        }

        int PartitionOf(string sensor)
        {
            var parts = sensor.Split('/');
            return GridCluster.EngineOf(cluster.Silos[0]).Catalog.Find(parts[0], parts[1], parts[2])!.Machine.Partition;
        }
    }
}
