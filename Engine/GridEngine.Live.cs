using SensorGrid.Core.Catalog;

namespace SensorGrid.Engine;

/// <summary>Live updates.</summary>
internal sealed partial class GridEngine
{
    /// <summary>So often a sensor's twin is shown at most.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The partitions that may have sensors of a pattern.</summary>
    public IReadOnlyList<int> PartitionsOf(PathPattern pattern) =>
        pattern.Factory.Contains('*', StringComparison.Ordinal) || pattern.Machine.Contains('*', StringComparison.Ordinal)
            ? [.. Enumerable.Range(0, Options.Partitions)]
            : [Partitioner.Of(pattern.Factory, pattern.Machine, Options.Partitions)];

    // One look after the other: where a partition is busy the next waits.
    private async Task LookAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LookInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                if (Owned.Any(p => p.IsWatched))
                {
                    await AskAllAsync(p => p.Look()).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
