using System.Globalization;
using SensorGrid.Engine;
using SensorGrid.Historian;

namespace SensorGrid.Edge.Tests;

/// <summary>When a process trusts that its partitions are still its own.</summary>
[Collection(PostgresServer.Collection)]
public sealed class TurnWatchTests(PostgresServer server)
{
    [Fact]
    public async Task A_machine_that_slept_is_trusted_no_more_until_it_has_looked_and_a_while_has_passed()
    {
        await using var database = new Database(await server.CreateDatabaseAsync());
        var slept = TimeSpan.Zero;
        var time = TimeProvider.System;
        var watch = new TurnWatch(database, new Takeovers(true), time, () => BootClock.Now + slept);
        using var stop = new CancellationTokenSource();
        Assert.True(watch.IsCurrent);

        // Before anything has had time to look. What timers and timestamps go by stands still meanwhile.
        slept += TimeSpan.FromSeconds(30);

        Assert.False(watch.IsCurrent);
        var woke = time.GetTimestamp();
        var running = watch.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => watch.IsCurrent, "it has looked");
        Assert.InRange(time.GetElapsedTime(woke), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
        // A short nap is no reason: nobody takes anything so soon.
        slept += TimeSpan.FromSeconds(1);
        Assert.True(watch.IsCurrent);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public void The_clock_that_counts_sleep_is_that_of_the_system()
    {
        var before = BootClock.Now;
        var uptime = TimeSpan.FromSeconds(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture));
        // It is given in hundredths.
        Assert.InRange(uptime, before - TimeSpan.FromMilliseconds(20), BootClock.Now);
    }
}
