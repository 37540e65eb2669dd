using SensorGrid.Core.Readings;

namespace SensorGrid.Tests;

/// <summary>A wall clock that is set by hand; timers run as ever.</summary>
internal sealed class SetClock(long now) : TimeProvider
{
    private long _now = now;

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public long Now
    {
        get => Interlocked.Read(ref _now);
        set => Interlocked.Exchange(ref _now, value);
    }

    public override long TimestampFrequency => EventTime.Second;

    public override long GetTimestamp() => Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMicroseconds(Now);
}
