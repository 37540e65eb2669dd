using Microsoft.Extensions.Logging.Abstractions;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Edge;
using SensorGrid.Edge.Tests;
using SensorGrid.Engine;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Whichever silo is written to and whichever is asked: the answers are those of the embedded host that got the same bodies in the same order.</summary>
[Collection(PostgresServer.Collection)]
public sealed class SameAnswersTests(PostgresServer postgres)
{
    /// <summary>2025-12-20T00:00:00Z, after all readings.</summary>
    private const long Now = 1_766_188_800_000_000;

    // Silence is a matter of the moment at which it is judged, and has a test of its own.
    private static readonly RuleSet Rules = RuleSet.Parse(
        """{ "defaults": { "spike": true, "level-shift": true, "flat-line": true, "rate-of-change": true }, "rules": [ { "limits": { "h": 300, "hh": 400 } } ] }"""u8);

    private static readonly GridOptions Options = new() { Partitions = 8, Seal = new SealPolicy(64, 16) };

    [Theory]
    [InlineData(2, 11)]
    [InlineData(3, 12)]
    public async Task A_cluster_answers_what_the_embedded_host_answers(int silos, int seed)
    {
        var clock = new WallClock(Now);
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), silos, Options, Rules, clock);
        await using var edge = new EdgeGrid(await postgres.CreateDatabaseAsync(), Options, Rules, NullLoggerFactory.Instance, clock);
        await edge.StartAsync(CancellationToken.None);
        var batches = Bodies.Of(seed, senders: 4, each: 30);
        var random = new Random(seed);
        var half = batches.Length / 2;
        for (var i = 0; i < batches.Length; i++)
        {
            clock.Now += EventTime.Second;
            var here = await Bodies.WriteAsync(edge, batches[i]);
            var there = await Bodies.WriteAsync(cluster.Grids[random.Next(silos)], batches[i]);
            Assert.Equal(Bits.Of(here), Bits.Of(there));
            if (i == half)
            {
                await CompareAsync("half-way");
            }
        }
        await CompareAsync("at the end");
        await Answers.AssertModelAsync(cluster.Grids[0], Bodies.Model(batches));

        // Twins are put right after late readings now and then: here before each comparison.
        async Task CompareAsync(string when)
        {
            var model = Bodies.Model(batches.Take(when == "half-way" ? half + 1 : batches.Length));
            await Task.WhenAll(edge.RestateAsync(CancellationToken.None), cluster.RestateAsync());
            await AssertSameAsync(model, when);
            await Task.WhenAll(edge.CheckpointAsync(CancellationToken.None), cluster.CheckpointAsync());
            await Task.WhenAll(edge.RestateAsync(CancellationToken.None), cluster.RestateAsync());
            await AssertSameAsync(model, $"{when}, stored");
        }

        async Task AssertSameAsync(PlainModel model, string when)
        {
            for (var silo = 0; silo < silos; silo++)
            {
                await Answers.AssertSameAsync(edge, cluster.Grids[silo], model, $"{when}, silo {silo}, seed {seed}");
            }
        }
    }
}
