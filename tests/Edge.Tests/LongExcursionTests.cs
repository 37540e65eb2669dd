using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;

namespace SensorGrid.Edge.Tests;

/// <summary>What late readings of an excursion cost does not grow with how long that has lasted.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LongExcursionTests(PostgresServer server)
{
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50, "hh": 90 } } ] }"""u8);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_excursion_that_lasts_for_months_costs_each_late_piece_no_more_than_the_one_before(bool isBackwards)
    {
        const int Length = 24_000;
        const int Pieces = 60;
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: Limits);
        var readings = Run(Length + 40, 10 * EventTime.Minute, i => i is < 20 or >= Length + 20 ? 20 : i == 15_000 ? 95 : 60);
        await WriteAsync(grid, [.. readings[..20], .. readings[^20..]]);
        using var judged = new Figure("sensorgrid.late.judged");
        var pieces = readings[20..^20].Chunk(Length / Pieces).ToArray();
        foreach (var piece in isBackwards ? pieces.Reverse() : pieces)
        {
            var before = judged.Sum;
            await WriteAsync(grid, piece);
            await SettleAsync(grid);
            // Two days before, ten thousand readings after, of what was cut where a segment ends.
            Assert.InRange(judged.Sum - before, piece.Length, piece.Length + 288 + 10_000 + 512);
        }

        var flag = Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None));

        Assert.Equal((readings[20].Time, readings[^20].Time, Severity.Alarm, true), (flag.From, flag.To, flag.Severity, flag.Backfilled));
        Assert.Equal(45 / 40f, flag.Score);
    }

    [Fact]
    public async Task A_late_reading_of_an_excursion_that_lasts_is_followed_no_further_than_the_bound()
    {
        var off = RuleSet.Parse("""{ "defaults": {} }"""u8);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: off);
        var readings = Run(40_000, EventTime.Second, i => i < 100 ? 20 : 60);
        await WriteAsync(grid, [.. readings[..20_000], .. readings[20_001..]]);
        await grid.Grid.UseAsync(Limits);
        await WriteAsync(grid, [readings[20_000]]);
        using var judged = new Figure("sensorgrid.late.judged");

        await SettleAsync(grid);

        // Ten thousand before, but for a part of a segment, and after it: it was seen to last until there, and live detectors have told nothing of it.
        Assert.InRange(judged.Sum, 20_000 - 512, 20_000 + 512);
        var flag = Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None));
        Assert.Equal((long?)readings[30_000].Time, flag.To);
    }

    private static Reading[] Run(int count, long step, Func<int, double> value) =>
        [.. Enumerable.Range(0, count).Select(i => new Reading(TestGrid.Day + (i * step), value(i)))];

    private static Task WriteAsync(TestGrid grid, Reading[] readings) => grid.WriteAsync(readings.Select(r => ("f/m/temperature", r)));

    private static async Task SettleAsync(TestGrid grid)
    {
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.RestateAsync(CancellationToken.None);
    }
}
