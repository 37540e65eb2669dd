using SensorGrid.Historian;

namespace SensorGrid.Engine;

/// <summary>
/// Looks every second whether this process still has its turn at the partitions that it holds, where others may take them: a process that stood still for a
/// while, or was cut off, must not answer from twins that have gone on elsewhere.
/// </summary>
internal sealed class TurnWatch(Database database, Takeovers takeovers, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Shorter than it takes the others to find out that a silo is dead and to take its partitions.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);

    private long _lookedAt = time.GetTimestamp();

    /// <summary>Whether it has looked a short while ago.</summary>
    public bool IsCurrent => time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < Trust;

    /// <summary>Works until stopped. While the store is away nobody can take anything.</summary>
    public Task RunAsync(CancellationToken stopping) => Round.RunAsync(Interval, true, time, LookAsync, static _ => { }, stopping, takeovers);

    private async Task LookAsync(CancellationToken cancellation)
    {
        // What is true at its beginning is known at its end.
        var began = time.GetTimestamp();
        try
        {
            await database.CheckTurnsAsync(cancellation).ConfigureAwait(false);
        }
        catch (WriterReplacedException fault) when (takeovers.Note(fault))
        {
            // Those are dropped; the others are its own.
        }
        Volatile.Write(ref _lookedAt, began);
    }
}
