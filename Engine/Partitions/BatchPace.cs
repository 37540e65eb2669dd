using System.Diagnostics;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Rations the rounds of a process's partitions. A call of an actor costs as much as tens of readings, and while actors work nothing comes that would make the next calls
/// worth more: so after a round of small batches its partition rests, while its readings gather, and so does one of the places that all partitions share. Few readings
/// make short rounds, and short rests. Any thread.
/// </summary>
internal sealed class BatchPace
{
    /// <summary>Readings a call that are worth it.</summary>
    private const int WorthIt = 16;

    private const double RestPerWork = 1;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _rounds = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Waits for a place.</summary>
    /// <param name="until">What <see cref="End"/> gave the partition last; 0 before.</param>
    public async Task BeginAsync(long until)
    {
        if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until) is var rest && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest).ConfigureAwait(false);
        }
        await _rounds.WaitAsync().ConfigureAwait(false);
    }

    /// <param name="started">The timestamp of its beginning.</param>
    /// <param name="calls">Of actors.</param>
    /// <returns>The timestamp up to which the partition rests.</returns>
    public long End(long started, int readings, int calls)
    {
        var rest = readings < WorthIt * calls ? Stopwatch.GetElapsedTime(started) * RestPerWork : TimeSpan.Zero;
        if (rest < ShortestRest)
        {
            _rounds.Release();
            return 0;
        }
        rest = rest < LongestRest ? rest : LongestRest;
        _ = RestAsync(rest);
        return Stopwatch.GetTimestamp() + (long)(rest.TotalSeconds * Stopwatch.Frequency);
    }

    private async Task RestAsync(TimeSpan rest)
    {
        await Task.Delay(rest).ConfigureAwait(false);
        _rounds.Release();
    }
}
