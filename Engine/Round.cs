using SensorGrid.Core.Grid;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;

namespace SensorGrid.Engine;

/// <summary>Work that comes round again and again beside ingest.</summary>
internal static class Round
{
    /// <summary>Works until stopped. What a fault that passes (<see cref="Database.IsFault"/>, too many queries, a partition that moves or is not reached) has left undone is left for the next time.</summary>
    /// <param name="isAtOnce">Whether the first time is now, not an interval later.</param>
    /// <param name="failed">Told the reason.</param>
    public static async Task RunAsync(
        TimeSpan interval, bool isAtOnce, TimeProvider time, Func<CancellationToken, Task> work, Action<string> failed, CancellationToken stopping,
        Takeovers? takeovers = null)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (isAtOnce || await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                isAtOnce = false;
                try
                {
                    await work(stopping).ConfigureAwait(false);
                }
                catch (Exception fault) when ((fault is GridBusyException or StoreUnavailableException or PartitionMovedException || Database.IsFault(fault) || takeovers?.Note(fault) == true) && !stopping.IsCancellationRequested)
                {
                    failed(Database.Reason(fault));
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
