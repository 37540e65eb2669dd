using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Twins;
using SensorGrid.Edge.Partitions;
using SensorGrid.Edge.Queries;
using SensorGrid.Historian;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Edge.Restating;

/// <summary>Puts right, now and then, the twins whose windows late readings passed by. Until then queries compute those windows from the history.</summary>
internal sealed partial class TwinRepairer(
    SensorCatalog catalog, History history, IReadOnlyList<Partition> partitions, EdgeOptions options, TimeProvider time, ILogger logger)
{
    private const int TwinsAtOnce = 64;

    /// <summary>Ingest comes first: it rests that many times as long as it worked.</summary>
    private const int RestFactor = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Works until stopped. A store that is away is left for the next time.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                await RepairOrLogAsync(stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping: what is left stays marked.
        }
    }

    /// <summary>Repairs all twins that are marked now, save those that move on too fast.</summary>
    public async Task RepairAsync(int restFactor, CancellationToken cancellation)
    {
        foreach (var partition in partitions)
        {
            for (var from = 0; from >= 0;)
            {
                var started = time.GetTimestamp();
                var first = from;
                (var marked, from) = await partition.AskAsync(p => p.MarkedTwins(first, TwinsAtOnce)).ConfigureAwait(false);
                foreach (var sensor in marked)
                {
                    cancellation.ThrowIfCancellationRequested();
                    await RepairAsync(partition, sensor, cancellation).ConfigureAwait(false);
                }
                if (marked.Count > 0)
                {
                    await Task.Delay(restFactor * time.GetElapsedTime(started), time, cancellation).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task RepairAsync(Partition partition, int id, CancellationToken cancellation)
    {
        var sensor = catalog[id]!;
        if (await partition.AskAsync(p => TwinRepair.Begin(p.Twin(id)!, options.Windows)).ConfigureAwait(false) is not { } repair)
        {
            return;
        }
        try
        {
            await foreach (var readings in history.ReadAsync(sensor, repair.From, repair.SealedUntil + 1, cancellation).ConfigureAwait(false))
            {
                repair.Add(readings.Span);
            }
            await TakeBeforeAsync(sensor, repair, cancellation).ConfigureAwait(false);
        }
        catch (CorruptSegmentException damage)
        {
            LogDamaged(sensor.Path, damage.Reason);
            return;
        }
        await partition.AskAsync(p => repair.Apply(p.Twin(id)!)).ConfigureAwait(false);
    }

    // The windows of the last reading before the open window of the largest size: all of them closed together.
    private async Task TakeBeforeAsync(Sensor sensor, TwinRepair repair, CancellationToken cancellation)
    {
        if (await history.LastTimeBeforeAsync(sensor, repair.From, cancellation).ConfigureAwait(false) is not { } last)
        {
            return;
        }
        for (var level = 0; level < options.Windows.Count; level++)
        {
            var start = options.Windows.Start(level, last);
            if (repair.Lacks(level)
                && (await history.WindowsAsync([sensor], level, start, start + options.Windows[level], cancellation).ConfigureAwait(false))[0] is [var window])
            {
                repair.Take(level, window.Window);
            }
        }
    }

    private async Task RepairOrLogAsync(CancellationToken stopping)
    {
        try
        {
            await RepairAsync(RestFactor, stopping).ConfigureAwait(false);
        }
        catch (Exception fault) when ((fault is GridBusyException || Database.IsStoreFault(fault) || Database.IsRefusal(fault)) && !stopping.IsCancellationRequested)
        {
            LogFailed(fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Twins that late readings passed by were not all put right, which is tried again: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The history of {Path} is damaged; its twin's windows are not put right: {Reason}")]
    private partial void LogDamaged(string path, string reason);
}
