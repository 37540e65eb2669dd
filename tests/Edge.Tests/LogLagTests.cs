using SensorGrid.Core.Readings;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>The metric that tells how far the twins are behind the log.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LogLagTests(PostgresServer server)
{
    private static readonly GridOptions OnePartition = new() { Partitions = 1 };

    private readonly SetClock _clock = new(TestGrid.Day);

    [Fact]
    public async Task It_is_the_age_of_the_oldest_readings_that_are_not_applied()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), OnePartition, time: _clock);
        using var lag = new Gauge("sensorgrid.log.lag", grid.Grid.Engine.Metrics.Meter);
        await grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 1))]);
        await AppliedAsync(grid);
        Advance(60);
        Assert.Equal(0, lag.Read());

        using var first = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        var held = HoldAsync(grid, first);
        await grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day + EventTime.Minute, 2))]);
        var heldBetween = HoldAsync(grid, second);
        Assert.Equal(0, lag.Read());
        Advance(7);
        Assert.Equal(7, lag.Read());
        // Late ones wait no longer for being late.
        await grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day - EventTime.Hour, 3))]);
        Advance(2);
        Assert.Equal(9, lag.Read());

        first.Set();
        await held;
        await Eventually.TrueAsync(() => lag.Read() == 2, "the first are applied");
        second.Set();
        await heldBetween;
        await AppliedAsync(grid);
        Assert.Equal(0, lag.Read());
        Assert.Equal(3, (await grid.SensorAsync("f/m/s")).Counters.Readings);
    }

    [Fact]
    public async Task While_partitions_recover_it_is_for_how_long_they_have()
    {
        var database = await server.CreateDatabaseAsync();
        await using (var before = await TestGrid.StartAsync(database, OnePartition, time: _clock))
        {
            await before.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 1))]);
            await before.AbandonAsync();
        }
        using var lag = new Gauge("sensorgrid.log.lag");
        await using var grid = new TestGrid(database, OnePartition, time: _clock);
        Task starting;
        await using (await TableLock.TakeAsync(database, "flag_alarm"))
        {
            starting = grid.StartAsync();
            await Eventually.TrueAsync(
                () =>
                {
                    Advance(1);
                    return lag.Read() > 0;
                },
                "it recovers");
            var soFar = lag.Read();
            Advance(30);
            Assert.Equal(soFar + 30, lag.Read());
        }
        await starting;
        await Eventually.TrueAsync(() => lag.Read() == 0, "no grid is behind");
    }

    private void Advance(int seconds) => _clock.Now += seconds * EventTime.Second;

    // The partition does nothing until it is let go.
    private static async Task HoldAsync(TestGrid grid, ManualResetEventSlim released) =>
        await grid.Grid.Engine.Owned[0]!.AskAsync(_ => released.Wait(Eventually.Deadline));

    private static async Task AppliedAsync(TestGrid grid) => await grid.Grid.Engine.Owned[0]!.AskAsync(_ => true);
}
