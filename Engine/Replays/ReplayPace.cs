using System.Diagnostics;

namespace SensorGrid.Engine.Replays;

/// <summary>
/// Lets live readings go first: while there are some under way, a replay rests most of the time. Not thread-safe.
/// </summary>
internal sealed class ReplayPace(Func<bool> isBusy)
{
    // A tenth of the time in each lane, and as much again at most for the reading: a tenth of the cores, and caches that the twins of live readings find cold.
    private const int RestPerWork = 9;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(10);

    private long _begin = Stopwatch.GetTimestamp();
    private bool _wasBusy;

    /// <summary>To be called between chunks.</summary>
    public ValueTask RestAsync(CancellationToken cancellation)
    {
        _wasBusy |= isBusy();
        var worked = Stopwatch.GetElapsedTime(_begin);
        return worked < Slice ? ValueTask.CompletedTask : PauseAsync(worked, cancellation);
    }

    private async ValueTask PauseAsync(TimeSpan worked, CancellationToken cancellation)
    {
        if (_wasBusy)
        {
            await Task.Delay(WorkRest.After(worked, RestPerWork), cancellation).ConfigureAwait(false);
        }
        else
        {
            await Task.Yield();
        }
        _wasBusy = false;
        _begin = Stopwatch.GetTimestamp();
    }
}
