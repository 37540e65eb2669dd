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
        var time = new SleepyTime();
        var watch = new TurnWatch(database, new Takeovers(true), time);
        using var stop = new CancellationTokenSource();
        Assert.True(watch.IsCurrent);

        // Before anything has had time to look.
        time.Sleep(TimeSpan.FromSeconds(30));

        Assert.False(watch.IsCurrent);
        var running = watch.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => watch.IsCurrent, "it has looked");
        Assert.InRange(time.GetElapsedTime(time.Woke), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
        // A short nap is no reason: nobody takes anything so soon.
        time.Sleep(TimeSpan.FromSeconds(1));
        Assert.True(watch.IsCurrent);
        // Neither is a clock that is set back.
        time.Sleep(TimeSpan.FromHours(-1));
        Assert.True(watch.IsCurrent);
        await stop.CancelAsync();
        await running;
    }

    /// <summary>The system's clocks on a machine that may sleep: only the wall clock goes on then.</summary>
    private sealed class SleepyTime : TimeProvider
    {
        private TimeSpan _slept;

        public long Woke { get; private set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _slept;

        public void Sleep(TimeSpan time)
        {
            _slept += time;
            Woke = GetTimestamp();
        }
    }
}
