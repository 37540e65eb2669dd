using Microsoft.Extensions.Logging.Abstractions;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Edge;
using SensorGrid.Edge.Tests;
using SensorGrid.Faults.Tests;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Silence, which goes by the clock, is told by a cluster as by the embedded host.</summary>
[Collection(PostgresServer.Collection)]
public sealed class SilenceTests(PostgresServer postgres)
{
    private const long Begin = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private static readonly RuleSet Rules = RuleSet.Parse("""{ "defaults": { "silence": { "after": "2m" } } }"""u8);

    [Fact]
    public async Task The_flags_of_silence_are_those_of_the_embedded_host()
    {
        var clock = new WallClock(Begin);
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2, rules: Rules, time: clock);
        await using var edge = new EdgeGrid(await postgres.CreateDatabaseAsync(), cluster.Options, Rules, NullLoggerFactory.Instance, clock);
        await edge.StartAsync(CancellationToken.None);
        await WriteAsync(0, 200);
        // All fall silent: first nobody has said so, then both say so of every machine, then the machines are back.
        Assert.Empty(await OpenAsync(edge));
        clock.Now += 10 * EventTime.Minute;
        await SameAsync(open => open > 0);
        await WriteAsync(clock.Now - Begin, 5);
        await SameAsync(open => open == 0);
        Assert.NotEmpty(await FlagsAsync(edge));

        async Task WriteAsync(long from, int seconds)
        {
            for (var i = 0; i < seconds; i += 5)
            {
                var time = Begin + from + (i * EventTime.Second);
                clock.Now = Math.Max(clock.Now, time);
                var readings = Enumerable.Range(0, 12).Select(s => ($"f/m{s % 6}/s{s}", new Reading(time, s + i)));
                var batch = BatchText.Write("0-0", InputKind.NdJson, false, [.. readings], [], new Random(1));
                await Bodies.WriteAsync(edge, batch);
                await Bodies.WriteAsync(cluster.Grids[i % 2], batch);
            }
        }

        Task SameAsync(Func<int, bool> isEnough) => Eventually.TrueAsync(
            async () => isEnough((await OpenAsync(edge)).Count) && Bits.Of(await FlagsAsync(edge)) is var flags
                && flags == Bits.Of(await FlagsAsync(cluster.Grids[0])) && flags == Bits.Of(await FlagsAsync(cluster.Grids[1])),
            "the same flags");
    }

    private static Task<IReadOnlyList<Flag>> OpenAsync(IGrid grid) => grid.GetFlagsAsync(new FlagQuery(State: AlarmState.Active), CancellationToken.None);

    private static async Task<IEnumerable<Flag>> FlagsAsync(IGrid grid) =>
        (await grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None)).OrderBy(f => f.Id, StringComparer.Ordinal);
}
