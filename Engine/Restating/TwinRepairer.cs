using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Restating;

/// <summary>Puts right, now and then, the twins whose windows late readings passed by. Until then queries compute those windows from the history.</summary>
internal sealed partial class TwinRepairer(
    SensorCatalog catalog, History history, DamagedHistory damaged, OwnedPartitions partitions, GridOptions options, TimeProvider time, ILogger logger)
{
    private const int TwinsAtOnce = 64;

    /// <summary>Ingest comes first: it rests that many times as long as it worked.</summary>
    private const int RestFactor = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // By sensor what a repair met that began so: it may lie before that, as the windows closed last may.
    private readonly ConcurrentDictionary<int, (long From, DamagedSegmentException Damage)> _met = [];

    /// <summary>Works until stopped; what is left then stays marked.</summary>
    public Task RunAsync(CancellationToken stopping) => Round.RunAsync(Interval, false, time, c => RepairAsync(RestFactor, c), LogFailed, stopping);

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
                    await Task.Delay(WorkRest.After(time.GetElapsedTime(started), restFactor), time, cancellation).ConfigureAwait(false);
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
        if (_met.TryGetValue(id, out var met) && met.From == repair.From && damaged.Knows(met.Damage))
        {
            // Queries get its windows from the history, where that has them, until it has come past the damage.
            return;
        }
        try
        {
            await repair.FillAsync(sensor, history, options.Windows, cancellation).ConfigureAwait(false);
        }
        catch (DamagedSegmentException damage)
        {
            damaged.Report(damage);
            _met[id] = (repair.From, damage);
            return;
        }
        _met.TryRemove(id, out _);
        await partition.AskAsync(p => repair.Apply(p.Twin(id)!)).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Twins that late readings passed by were not all put right, which is tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
