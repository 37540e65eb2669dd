using System.Text.Json;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Tests;

public sealed class GrainCountTests
{
    [Fact]
    public void The_dashboards_counters_tell_the_grids_own_grains_by_silo()
    {
        var counters = JsonSerializer.Deserialize<JsonElement>(
            """
            {"totalActiveHostCount":2,"simpleGrainStats":[
              {"activationCount":8,"grainType":"SensorGrid.Grains.Partitions.LogPartitionGrain","siloAddress":"127.0.0.1:40001@234567","totalCalls":3},
              {"activationCount":1,"grainType":"Orleans.Dashboard.Implementation.Grains.DashboardGrain","siloAddress":"127.0.0.1:40001@234567","totalCalls":3},
              {"activationCount":50,"grainType":"SensorGrid.Grains.SensorGrain","siloAddress":"10.0.0.7:40002@234568","totalCalls":3}]}
            """);
        Assert.Equal([new("LogPartitionGrain", 40001, 8), new("SensorGrain", 40002, 50)], GrainCount.Read(counters));
    }
}
