using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
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

    [Fact]
    public async Task One_for_which_another_silo_has_no_room_is_refused_and_counted()
    {
        var options = new GridOptions { Partitions = 2, InFlightBytes = 1 << 20, MaxWait = TimeSpan.Zero };
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, options);
        var refused = 0L;
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Interlocked.Add(ref refused, instrument.Name == "sensorgrid.writes.refused" ? value : 0));
        meters.Start();
        var partition = Enumerable.Range(0, options.Partitions).First(p => cluster.OwnerOf(p) == cluster.Silos[1]);
        var machine = Enumerable.Range(0, 1000).Select(i => $"m{i}").First(m => Partitioner.Of("f", m, options.Partitions) == partition);
        Task WriteAsync() => cluster.Grids[0].WriteAsync(Encoding.UTF8.GetBytes($"v,factory=f,machine={machine} a=1 1769860800000000000"), new WriteOptions(InputFormat.LineProtocol), CancellationToken.None);
        Assert.True(await GridCluster.EngineOf(cluster.Silos[1]).InFlight.TryTakeAsync(options.InFlightBytes, CancellationToken.None));

        await Assert.ThrowsAsync<GridBusyException>(WriteAsync);

        Assert.Equal(1, Interlocked.Read(ref refused));
        GridCluster.EngineOf(cluster.Silos[1]).InFlight.Return(options.InFlightBytes);
        await WriteAsync();
        Assert.Equal(1, Interlocked.Read(ref refused));
    }
}
