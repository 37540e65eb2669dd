using System.Diagnostics;

namespace SensorGrid.Bench.Latency;

/// <summary>The schedule that all sources share: offsets from one beginning, as stopwatch ticks and as event times.</summary>
internal sealed class LatencyClock(TimeSpan length)
{
    private readonly long _startTicks = Stopwatch.GetTimestamp();
    private readonly long _startTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public TimeSpan Length => length;

    public long Ticks(TimeSpan offset) => _startTicks + (long)(offset.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Milliseconds since 1970.</summary>
    public long EventTime(TimeSpan offset) => _startTime + (long)offset.TotalMilliseconds;

    /// <summary>Sleeps, in whole milliseconds rounded up.</summary>
    public void WaitUntil(TimeSpan offset, CancellationToken cancellation)
    {
        var left = offset - Stopwatch.GetElapsedTime(_startTicks);
        if (left > TimeSpan.Zero)
        {
            cancellation.WaitHandle.WaitOne((int)Math.Ceiling(left.TotalMilliseconds));
        }
        cancellation.ThrowIfCancellationRequested();
    }
}
