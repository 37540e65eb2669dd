namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>A timer that can be told that time has passed; timers due and the wall clock run as ever.</summary>
internal sealed class SkippingClock : TimeProvider
{
    private long _skipped;

    public void Skip(TimeSpan by) => Interlocked.Add(ref _skipped, (long)(by.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _skipped);
}
