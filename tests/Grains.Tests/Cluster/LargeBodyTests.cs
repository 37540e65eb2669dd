using System.Globalization;
using System.Text;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Edge.Tests;
using SensorGrid.Engine;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Bodies that take all the room that a silo has for them.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LargeBodyTests(PostgresServer postgres)
{
    private const int Lines = 6000;

    [Fact]
    public async Task One_that_takes_all_room_is_written_whichever_silo_gets_it()
    {
        var options = new GridOptions { Partitions = 2, InFlightBytes = 1 << 20 };
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, options);
        var number = 0;
        foreach (var grid in cluster.Grids)
        {
            // Half of them on the silo itself.
            for (var machine = 0; machine < 6; machine++)
            {
                var body = Encoding.UTF8.GetBytes("time,value\n" + string.Concat(Enumerable.Range(0, Lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"{1_700_000_000 + i},{i}.123456789\n"))));
                Assert.True(8 * body.Length > options.InFlightBytes);
                var report = await grid.WriteAsync(body, new WriteOptions(InputFormat.Csv) { Factory = "f", Machine = $"m{number++}", Sensor = "s" }, CancellationToken.None);
                Assert.Equal((Lines, 0), (report.Accepted, report.Rejected));
            }
        }
        await Eventually.TrueAsync(() => cluster.Silos.All(s => GridCluster.EngineOf(s) is { InFlight.Used: 0, Bodies.Used: 0 }), "all room is free again");
    }
}
