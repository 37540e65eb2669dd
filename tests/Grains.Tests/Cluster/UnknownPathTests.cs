using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Grains of paths that nobody has written to: told so, and nothing of them stays.</summary>
[Collection(PostgresServer.Collection)]
public sealed class UnknownPathTests(PostgresServer postgres)
{
    [Fact]
    public async Task An_unknown_path_is_refused_and_leaves_no_activation_and_no_row()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        var batch = Bodies.Of(1, 1, 1)[0];
        await Bodies.WriteAsync(cluster.Grids[0], batch);
        var known = batch.Readings.SelectMany(r => (string[])[r.Path, r.Path[..r.Path.LastIndexOf('/')]]).ToHashSet();
        foreach (var path in (string[])["f0/no/no", "no/no/no", "f0/m0-0/no", "f0/m0-0/temperature-1/more", "f0", "1", "//", "f0/m0-0"])
        {
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<ISensorGrain>(path).GetTwinAsync());
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<ISensorGrain>(path).GetStatisticsAsync(0, 1, 10_000_000));
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<ISensorGrain>(path).GetOpenFlagsAsync());
        }
        foreach (var path in (string[])["f0/no", "no/no", "f0", "f0/m0-0/temperature-1"])
        {
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<IMachineGrain>(path).GetTwinAsync());
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<IMachineGrain>(path).GetStatisticsAsync(0, 1, 10_000_000));
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<IMachineGrain>(path).GetOpenFlagsAsync());
        }
        foreach (var path in (string[])["no", "1", "f0/m0-0"])
        {
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<IFactoryGrain>(path).GetTwinAsync());
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<IFactoryGrain>(path).GetStatisticsAsync(0, 1, 10_000_000));
            await AssertUnknownAsync(path, () => cluster.Grains.GetGrain<IFactoryGrain>(path).GetOpenFlagsAsync());
        }
        var management = cluster.Grains.GetGrain<IManagementGrain>(0);
        await Eventually.TrueAsync(
            async () => (await management.GetDetailedGrainStatistics()).All(g => known.Contains(g.GrainId.Key.ToString()!) || !IsOfPath(g.GrainType)), "no activation is left");
        Assert.Equal(0L, await Table.ScalarAsync<long>(cluster.ConnectionString, "select count(*) from orleans.grain_state"));
        Assert.Equal(cluster.Options.Partitions, await Table.ScalarAsync<long>(cluster.ConnectionString, "select count(*) from orleans.reminder"));
    }

    [Fact]
    public async Task What_the_store_cannot_tell_of_is_not_called_unknown()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        var machine = Enumerable.Range(0, 1000).Select(i => $"m{i}").First(m => cluster.OwnerOf(Partitioner.Of("f", m, cluster.Options.Partitions)) == cluster.Silos[0]);
        Task WriteAsync(string sensor) => cluster.Grids[0].WriteAsync(
            Encoding.UTF8.GetBytes($"v,factory=f,machine={machine} {sensor}=1 1769860800"), new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Seconds }, default);
        await WriteAsync("a");
        var other = cluster.Grids[1];
        Assert.NotNull(await other.GetSensorAsync("f", machine, "a", default));
        await WriteAsync("b");
        await Table.ExecuteAsync(cluster.ConnectionString, "alter table sensor rename to sensor_away");

        Assert.NotNull(await other.GetSensorAsync("f", machine, "a", default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => other.GetSensorAsync("f", machine, "b", default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => other.Replays.StartAsync(new ReplayRequest($"f/{machine}/b", EventTime.Min, EventTime.Max, null, null), default));

        await Table.ExecuteAsync(cluster.ConnectionString, "alter table sensor_away rename to sensor");
        Assert.NotNull(await other.GetSensorAsync("f", machine, "b", default));
        Assert.Null(await other.GetSensorAsync("f", machine, "c", default));
    }

    [Fact]
    public async Task What_is_known_is_answered_without_a_look_at_the_table_of_sensors()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        await cluster.Grids[0].WriteAsync("v,factory=f,machine=m a=1,b=2 1769860800000000000"u8.ToArray(), new WriteOptions(InputFormat.LineProtocol), default);
        foreach (var grid in cluster.Grids)
        {
            Assert.Single(await grid.ListFactoriesAsync(default));
        }
        await using (await TableLock.TakeAsync(cluster.ConnectionString, "sensor"))
        {
            foreach (var grid in cluster.Grids)
            {
                var patience = TimeSpan.FromSeconds(10);
                Assert.Equal(1, (await grid.GetSensorAsync("f", "m", "a", default).WaitAsync(patience))!.Last!.Value.Value);
                Assert.Equal(2, (await grid.GetMachineAsync("f", "m", default).WaitAsync(patience))!.Sensors.Count);
                Assert.Equal(2, (await grid.ListSensorsAsync("f", "m", default).WaitAsync(patience))!.Count);
                Assert.NotNull(await grid.GetStatisticsAsync(new("f", "m", "a"), 0, 1, 10_000_000, default).WaitAsync(patience));
                Assert.False(grid.GetFactoryAsync("f", default).IsCompleted);
            }
        }
    }

    [Fact]
    public async Task Questions_are_refused_at_once_while_the_store_is_away_and_answered_when_it_is_back()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        await cluster.Grids[0].WriteAsync("v,factory=f,machine=m a=1 1769860800000000000"u8.ToArray(), new WriteOptions(InputFormat.LineProtocol), default);
        var database = new NpgsqlConnectionStringBuilder(cluster.ConnectionString);
        var maintenance = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = "postgres" }.ConnectionString;
        await Table.ExecuteAsync(maintenance, $"alter database \"{database.Database}\" allow_connections false");
        await Table.ExecuteAsync(maintenance, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database.Database!);
        await Eventually.TrueAsync(() => cluster.Silos.All(s => GridCluster.EngineOf(s) is { IsCurrent: false, NotReady: not null }), "all silos know");

        var asked = Stopwatch.GetTimestamp();
        foreach (var grid in cluster.Grids)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => grid.GetSensorAsync("f", "m", "a", default));
        }
        // Not after the 20 s for which a partition that moves is waited for.
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, TimeSpan.FromSeconds(10));

        await Table.ExecuteAsync(maintenance, $"alter database \"{database.Database}\" allow_connections true");
        await Eventually.TrueAsync(() => cluster.Silos.All(s => GridCluster.EngineOf(s) is { IsCurrent: true, NotReady: null }), "all silos know that it is back");
        Assert.All(await Task.WhenAll(cluster.Grids.Select(g => g.GetSensorAsync("f", "m", "a", default))), s => Assert.Equal(1, s!.Last!.Value.Value));
    }

    private static bool IsOfPath(string grainType) =>
        Array.Exists(["SensorGrain", "MachineGrain", "FactoryGrain"], name => grainType.Contains(name, StringComparison.Ordinal));

    [Fact]
    public async Task A_known_path_is_answered_as_the_grid_answers_it()
    {
        // None that judges by the clock, between one question and the other.
        var rules = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: rules);
        var batches = Bodies.Of(2, 2, 5);
        foreach (var batch in batches)
        {
            await Bodies.WriteAsync(cluster.Grids[0], batch);
        }
        // What is late is merged, and the twins put right, before they are asked twice.
        await cluster.CheckpointAsync();
        await cluster.RestateAsync();
        var (from, to, size) = (0L, long.MaxValue / 8, 3_600_000_000L);
        foreach (var path in Bodies.Model(batches).Paths)
        {
            var parts = path.Split('/');
            foreach (var silo in cluster.Silos)
            {
                var (grid, grains) = (GridCluster.GridOf(silo), GridCluster.Services(silo).GetRequiredService<IGrainFactory>());
                Assert.Equal(Bits.Of(await grid.GetSensorAsync(parts[0], parts[1], parts[2], default)), Bits.Of(await grains.GetGrain<ISensorGrain>(path).GetTwinAsync()));
                Assert.Equal(Bits.Of(await grid.GetMachineAsync(parts[0], parts[1], default)), Bits.Of(await grains.GetGrain<IMachineGrain>($"{parts[0]}/{parts[1]}").GetTwinAsync()));
                Assert.Equal(Bits.Of(await grid.GetFactoryAsync(parts[0], default)), Bits.Of(await grains.GetGrain<IFactoryGrain>(parts[0]).GetTwinAsync()));
                Assert.Equal(
                    Bits.Of(await grid.GetStatisticsAsync(new(parts[0], parts[1], parts[2]), from, to, size, default)), Bits.Of(await grains.GetGrain<ISensorGrain>(path).GetStatisticsAsync(from, to, size)));
            }
        }
    }

    private static async Task AssertUnknownAsync(string path, Func<Task> ask) => Assert.Equal(path, (await Assert.ThrowsAsync<UnknownPathException>(ask)).Path);
}
