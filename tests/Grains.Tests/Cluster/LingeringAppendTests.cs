using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Edge.Tests;
using SensorGrid.Historian.Log;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>A write that lingers on its way between silos, while the same was sent again and corrected, does not undo the correction.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LingeringAppendTests(PostgresServer postgres)
{
    private static readonly TimeSpan Passing = TimeSpan.FromSeconds(2);

    private readonly SkippingClock _clock = new();
    private readonly LingeringAppend _lingering = new();
    private string? _together;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whose_client_went_to_another_silo(bool together)
    {
        await using var cluster = await StartAsync();
        var (there, here) = await PlacesAsync(cluster);
        _together = together ? MachineBeside(cluster) : null;
        using var client = new CancellationTokenSource();
        _lingering.Arm(false, together);
        Task first;
        do
        {
            first = WriteAsync(here, 1, client.Token);
        }
        while (await Task.WhenAny(first, _lingering.Held) == first);
        await client.CancelAsync();
        await WriteAsync(there, 1);
        await WriteAsync(there, 2);
        _clock.Skip(Passing);
        await _lingering.ReleaseAsync();
        await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await AssertValueAsync(cluster, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Which_its_silo_sent_again(bool together)
    {
        await using var cluster = await StartAsync();
        var (_, here) = await PlacesAsync(cluster);
        _together = together ? MachineBeside(cluster) : null;
        _lingering.Arm(true, together);
        while (!_lingering.Held.IsCompleted)
        {
            await WriteAsync(here, 1);
        }
        await WriteAsync(here, 2);
        await _lingering.ReleaseAsync();
        await AssertValueAsync(cluster, 2);
    }

    [Fact]
    public async Task Which_comes_when_the_partition_has_moved()
    {
        await using var cluster = await StartAsync();
        await PlacesAsync(cluster);
        var from = cluster.OwnerOf(Partition(cluster))!;
        var grain = cluster.Grains.GetGrain<ILogPartitionGrain>(Partition(cluster));
        var rows = Rows(cluster, 1);
        var asked = await grain.AppendAsync(new LogAppend([]));
        Assert.Equal(AppendOutcome.Durable, (await grain.AppendAsync(new LogAppend(rows, asked.Ticket))).Outcome);
        var moving = await grain.AppendAsync(new LogAppend([]));
        await grain.MoveAsync(cluster.Silos.First(s => s != from).SiloAddress);
        await Eventually.TrueAsync(() => cluster.OwnerOf(Partition(cluster)) is { } now && now != from, "the partition has moved");
        await WriteAsync(GridCluster.GridOf(from), 2);

        var late = await grain.AppendAsync(new LogAppend(rows, moving.Ticket));
        Assert.Equal(AppendOutcome.Away, late.Outcome);
        Assert.True(late.Ticket!.Value.Turn > moving.Ticket!.Value.Turn);
        await AssertValueAsync(cluster, 2);
        Assert.Equal(AppendOutcome.Durable, (await grain.AppendAsync(new LogAppend(Rows(cluster, 3), late.Ticket))).Outcome);
        await AssertValueAsync(cluster, 3);
    }

    private async Task<GridCluster> StartAsync() => await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, time: _clock, configure: silo =>
    {
        silo.Services.AddSingleton<IIncomingGrainCallFilter>(_lingering);
        silo.Services.AddSingleton<IOutgoingGrainCallFilter>(_lingering);
    });

    private static int Partition(GridCluster cluster) => Partitioner.Of("f", "m", cluster.Options.Partitions);

    // The grids of the silo that holds the partition and of the other one, both of which know the sensor.
    private async Task<(IGrid There, IGrid Here)> PlacesAsync(GridCluster cluster)
    {
        foreach (var grid in cluster.Grids)
        {
            await WriteAsync(grid, 0);
        }
        var owner = cluster.OwnerOf(Partition(cluster))!;
        return (GridCluster.GridOf(owner), GridCluster.GridOf(cluster.Silos.First(s => s != owner)));
    }

    // In another partition of the same silo.
    private static string MachineBeside(GridCluster cluster) => Enumerable.Range(0, 1000).Select(i => $"m{i}").First(
        m => Partitioner.Of("f", m, cluster.Options.Partitions) is var partition && partition != Partition(cluster) && cluster.OwnerOf(partition) == cluster.OwnerOf(Partition(cluster)));

    private Task WriteAsync(IGrid grid, int value, CancellationToken cancellation = default)
    {
        var lines = new[] { "m", _together }.OfType<string>().Select(machine => $"temp,factory=f,machine={machine} temp={value} {EventTime.Minute}");
        return grid.WriteAsync(
            Encoding.UTF8.GetBytes(string.Join('\n', lines)), new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Microseconds }, cancellation);
    }

    private static byte[][] Rows(GridCluster cluster, int value)
    {
        using var block = new ReadingBlock();
        var sensor = GridCluster.EngineOf(cluster.Silos[0]).Catalog.Find("f", "m", "temp")!;
        block.Add(sensor.Id, EventTime.Minute, value, Quality.Good);
        var row = new byte[LogRowCodec.MaxRow];
        return [row[..LogRowCodec.Encode(block, 0, row, out _)]];
    }

    private static async Task AssertValueAsync(GridCluster cluster, int expected)
    {
        foreach (var grid in cluster.Grids)
        {
            Assert.Equal([new Reading(EventTime.Minute, expected)], await Answers.ReadAsync(grid, "f/m/temp"));
        }
    }
}
