namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>A wall clock that stands where it is set; what is measured and timers run as ever.</summary>
internal sealed class WallClock(long now) : TimeProvider
{
    private long _now = now;

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public long Now
    {
        get => Interlocked.Read(ref _now);
        set => Interlocked.Exchange(ref _now, value);
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMicroseconds(Now);
}
