using System.Diagnostics;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Rations the rounds of a process's partitions. A call of an actor costs as much as tens of readings, and while actors work nothing comes that would make the next calls
/// worth more: so a round of small batches is followed by a rest, in which readings gather. Few readings make short rounds, and short rests. Any thread.
/// </summary>
internal sealed class BatchPace
{
    /// <summary>Readings a call that are worth it.</summary>
    private const int WorthIt = 16;

    private const double RestPerWork = 1;
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _rounds = new(Math.Max(1, Environment.ProcessorCount / 2));

    public Task BeginAsync() => _rounds.WaitAsync();

    public void End(long started, int readings, int calls)
    {
        var rest = readings < WorthIt * calls ? Stopwatch.GetElapsedTime(started) * RestPerWork : TimeSpan.Zero;
        if (rest < TimeSpan.FromMilliseconds(1))
        {
            _rounds.Release();
        }
        else
        {
            _ = RestAsync(rest < LongestRest ? rest : LongestRest);
        }
    }

    private async Task RestAsync(TimeSpan rest)
    {
        await Task.Delay(rest).ConfigureAwait(false);
        _rounds.Release();
    }
}
