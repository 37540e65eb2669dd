using SensorGrid.Historian;

namespace SensorGrid.Engine;

/// <summary>
/// Looks every second whether this process still has its turn at the partitions that it holds, where others may take them: a process that stood still for a
/// while, or was cut off, must not answer from twins that have gone on elsewhere.
/// </summary>
/// <param name="sinceBoot">Counts what the machine sleeps through, too: <see cref="BootClock"/>.</param>
internal sealed class TurnWatch(Database database, Takeovers takeovers, TimeProvider time, Func<TimeSpan> sinceBoot)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Shorter than it takes the others to find out that a silo is dead and to take its partitions.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);

    /// <summary>So long after a standstill it is not trusted yet: what the process was given before is about still, and has been given to others since.</summary>
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(2);

    private volatile Moment _lookedAt = new(time.GetTimestamp(), sinceBoot());
    private long _stoodUntil = time.GetTimestamp() - (long)(Quarantine.TotalSeconds * time.TimestampFrequency);

    /// <summary>Whether it has looked a short while ago, and again and again before.</summary>
    public bool IsCurrent => !IsStale && time.GetElapsedTime(Volatile.Read(ref _stoodUntil)) >= Quarantine;

    private bool IsStale => _lookedAt is var at && (time.GetElapsedTime(at.Timestamp) >= Trust || sinceBoot() - at.SinceBoot >= Trust);

    /// <summary>Works until stopped. While the store is away nobody can take anything.</summary>
    public Task RunAsync(CancellationToken stopping) => Round.RunAsync(Interval, true, time, LookAsync, static _ => { }, stopping, takeovers);

    private async Task LookAsync(CancellationToken cancellation)
    {
        // What is true at its beginning is known at its end.
        var began = new Moment(time.GetTimestamp(), sinceBoot());
        try
        {
            await database.CheckTurnsAsync(cancellation).ConfigureAwait(false);
        }
        catch (WriterReplacedException fault) when (takeovers.Note(fault))
        {
            // Those are dropped; the others are its own.
        }
        if (IsStale)
        {
            Volatile.Write(ref _stoodUntil, time.GetTimestamp());
        }
        _lookedAt = began;
    }

    private sealed record Moment(long Timestamp, TimeSpan SinceBoot);
}
