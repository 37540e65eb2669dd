using Microsoft.Extensions.DependencyInjection;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Edge.Tests;
using SensorGrid.Faults.Tests;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>The grains of sensors and machines: beside their partition, given what their twins get.</summary>
[Collection(PostgresServer.Collection)]
public sealed class TwinGrainTests(PostgresServer postgres)
{
    private readonly List<Batch> _written = [];
    private readonly Dictionary<string, SiloAddress> _places = [];

    [Fact]
    public async Task Grains_sit_beside_their_partition_and_follow_it()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        await SeatedAsync(cluster);
        await AssertModelAsync(cluster);
        await AllSitAsync(cluster);
        var batches = Batches(cluster);
        await WriteAsync(cluster);
        await AssertModelAsync(cluster);
        Assert.Equal(30, Batches(cluster) - batches);
        var before = new Dictionary<string, SiloAddress>(_places);
        await cluster.AddSiloAsync();
        await cluster.SettledAsync();
        await SeatedAsync(cluster);

        Assert.Contains(_places, place => before[place.Key] != place.Value);
        await AssertModelAsync(cluster);
    }

    [Fact]
    public async Task Readings_come_by_call_now_and_then_and_else_on_turns()
    {
        var (clock, readings) = (new SkippingClock(), new CountedReadings());
        await using var cluster = await GridCluster.StartAsync(
            await postgres.CreateDatabaseAsync(), 1, time: clock, configure: silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(readings));
        await SeatedAsync(cluster);
        await AllSitAsync(cluster);
        await WriteAsync(cluster);
        await AssertModelAsync(cluster);
        var calls = readings.Calls;
        await WriteAsync(cluster);
        await AssertModelAsync(cluster);
        Assert.Equal((true, calls), (calls >= 30, readings.Calls));

        clock.Skip(TimeSpan.FromMinutes(15));
        await WriteAsync(cluster);
        await AssertModelAsync(cluster);
        await Eventually.TrueAsync(() => readings.Calls == calls + 30, "each grain has been called once more");
    }

    [Fact]
    public async Task Grains_that_went_for_want_of_work_come_back_to_their_twins()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        await SeatedAsync(cluster);
        var management = cluster.Grains.GetGrain<IManagementGrain>(0);
        await Eventually.TrueAsync(
            async () =>
            {
                await management.ForceActivationCollection(TimeSpan.Zero);
                return (await PlacesAsync(cluster)).Count == 0;
            },
            "all grains of paths have gone");
        await AssertModelAsync(cluster);
        await SeatedAsync(cluster);
        await AssertModelAsync(cluster);
    }

    [Fact]
    public async Task A_grain_that_stands_still_is_waited_for_once_and_has_its_seat_again_when_it_goes_on()
    {
        var standing = new StandingGrain();
        await using var cluster = await GridCluster.StartAsync(
            await postgres.CreateDatabaseAsync(), 1, configure: silo => silo.Services.AddSingleton<IIncomingGrainCallFilter>(standing));
        // Before the cluster, which waits for it.
        using var goesOn = standing;
        await SeatedAsync(cluster);
        await AllSitAsync(cluster);
        var asked = cluster.Grains.GetGrain<ISensorGrain>("f0/m0/s0").GetOpenFlagsAsync();
        await standing.Stands;
        var misses = Misses();
        for (var round = 0; round < 5; round++)
        {
            await WriteAsync(cluster);
            await AssertModelAsync(cluster);
        }
        Assert.Equal(misses + 1, Misses());

        standing.GoOn();
        await asked;
        await AllSitAsync(cluster);
        await WriteAsync(cluster);
        await AssertModelAsync(cluster);
        Assert.Equal(misses + 1, Misses());

        int Misses() => cluster.Log.Lines.Count(l => l.Text.Contains("did not take their readings in time", StringComparison.Ordinal));
    }

    // 24 sensors and 6 machines.
    private static Task AllSitAsync(GridCluster cluster) => Eventually.TrueAsync(
        () => cluster.Silos.Sum(s => GridCluster.Services(s).GetRequiredService<TwinGrains>().Seated) == 30, "all have their seats");

    private static long Batches(GridCluster cluster) => cluster.Silos.Sum(s => GridCluster.Services(s).GetRequiredService<TwinGrains>().Batches);

    // A reading of each of some sensors, whose order changes.
    private async Task WriteAsync(GridCluster cluster)
    {
        var minute = _written.Count;
        var readings = Enumerable.Range(0, 24).Select(i => ($"f{i % 2}/m{i % 6}/s{i}", new Reading(minute * EventTime.Minute, i + minute))).ToArray();
        var batch = BatchText.Write($"0-{minute}", InputKind.NdJson, false, readings, [], new Random(minute));
        await Bodies.WriteUntilTakenAsync(() => cluster.Grids[minute % cluster.Grids.Length], batch);
        _written.Add(batch);
    }

    // Writes until each sensor and machine written to has its grain, where its partition is.
    private Task SeatedAsync(GridCluster cluster) => Eventually.TrueAsync(
        async () =>
        {
            await WriteAsync(cluster);
            var places = await PlacesAsync(cluster);
            foreach (var path in _written.SelectMany(b => b.Readings).Select(r => r.Path).Distinct())
            {
                var parts = path.Split('/');
                var owner = cluster.OwnerOf(Partitioner.Of(parts[0], parts[1], cluster.Options.Partitions))?.SiloAddress;
                if (owner is null || !owner.Equals(places.GetValueOrDefault(path)) || !owner.Equals(places.GetValueOrDefault($"{parts[0]}/{parts[1]}")))
                {
                    return false;
                }
                (_places[path], _places[$"{parts[0]}/{parts[1]}"]) = (owner, owner);
            }
            return true;
        },
        "the grains sit beside their partitions");

    // Those on their way are in two places.
    private static async Task<Dictionary<string, SiloAddress>> PlacesAsync(GridCluster cluster) =>
        (await cluster.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
        .Where(g => g.GrainType.Contains("SensorGrain", StringComparison.Ordinal) || g.GrainType.Contains("MachineGrain", StringComparison.Ordinal))
        .GroupBy(g => g.GrainId.Key.ToString()!).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single().SiloAddress);

    private async Task AssertModelAsync(GridCluster cluster)
    {
        foreach (var grid in cluster.Grids)
        {
            await Answers.AssertModelAsync(grid, Bodies.Model(_written));
        }
    }
}
