using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Messaging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Calls between silos that fail: tried again where that may help.</summary>
[Collection(PostgresServer.Collection)]
public sealed class BrokenCallTests(PostgresServer postgres)
{
    [Fact]
    public async Task What_waiting_does_not_mend_is_told_at_once_and_the_rest_when_it_is_mended()
    {
        var broken = new BrokenCalls();
        await using var cluster = await GridCluster.StartAsync(
            await postgres.CreateDatabaseAsync(), 2, configure: silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(broken));
        var machine = Enumerable.Range(0, 1000).Select(i => $"m{i}").First(m => cluster.OwnerOf(Partitioner.Of("f", m, cluster.Options.Partitions)) == cluster.Silos[0]);
        await cluster.Grids[0].WriteAsync(
            System.Text.Encoding.UTF8.GetBytes($"v,factory=f,machine={machine} a=1 1769860800000000000"), new WriteOptions(InputFormat.LineProtocol), default);
        Task<SensorView?> AskAsync() => cluster.Grids[1].GetSensorAsync("f", machine, "a", default);

        broken.Fault = new InvalidMessageFrameException("too large");
        Assert.Equal("too large", (await Assert.ThrowsAsync<InvalidMessageFrameException>(AskAsync)).Message);
        Assert.Equal(1, broken.Calls);

        broken.Fault = new OrleansException("not now");
        var asked = AskAsync();
        await Eventually.TrueAsync(() => broken.Calls > 3, "it is asked again");
        broken.Fault = null;
        Assert.Equal(1, (await asked)!.Last!.Value.Value);
    }
}
