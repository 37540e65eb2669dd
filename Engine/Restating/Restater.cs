using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Restating;

/// <summary>
/// Works off what checkpoints have left: merges late readings into the segments, counts duplicates and corrections among them, and restates the stored
/// windows that they fell into. A batch is one transaction; between two of them every answer is the same as before and after.
/// </summary>
/// <param name="storing">Held while a checkpoint or a batch is written.</param>
/// <param name="isBusy">Whether writes are under way.</param>
internal sealed partial class Restater(
    Database database, SensorCatalog catalog, DamagedHistory damaged, OwnedPartitions partitions, GridOptions options, SemaphoreSlim storing,
    Func<bool> isBusy, Takeovers takeovers, GridMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int LateRowsAtOnce = 1024;
    private const int WindowsAtOnce = 2048;

    /// <summary>Ingest comes first: after a batch beside writes it rests that many times as long as it took.</summary>
    private const int RestFactor = 3;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _wake = new(1);

    // Rows of which nothing is left but what has to wait for damaged segments; asked for again when another is found or one is put right.
    private readonly HashSet<long> _waiting = [];
    private int _damage;
    private bool _countsAreUnclear;

    /// <summary>There is something to do. Any thread.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    /// <summary>Gives partitions what was counted of their sensors, before their loops run.</summary>
    public async Task LoadAsync(IReadOnlyList<Partition> taken, CancellationToken cancellation)
    {
        var byNumber = taken.ToDictionary(p => p.Number);
        await using var store = await RestatingTransaction.OpenAsync(database, byNumber.Keys, cancellation).ConfigureAwait(false);
        foreach (var count in await store.CountsAsync(cancellation).ConfigureAwait(false))
        {
            byNumber[catalog[count.Sensor]!.Machine.Partition].Count(count);
        }
        metrics.LateStored(await store.WaitingAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>Works until stopped. A store that is away is tried again and again.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(stopping).ConfigureAwait(false);
                for (var more = true; more;)
                {
                    var started = time.GetTimestamp();
                    var isBeside = isBusy();
                    more = await StepOrLogAsync(stopping).ConfigureAwait(false);
                    if (isBeside || isBusy())
                    {
                        await Task.Delay(WorkRest.After(time.GetElapsedTime(started), RestFactor), time, stopping).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping. What is left waits for the next start.
        }
    }

    /// <summary>Does all there is to do now, without rest.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        while (await StepAsync(cancellation).ConfigureAwait(false))
        {
            // A batch at a time, so that checkpoints come through.
        }
    }

    private async Task<bool> StepOrLogAsync(CancellationToken stopping)
    {
        try
        {
            return await StepAsync(stopping).ConfigureAwait(false);
        }
        catch (WriterReplacedException fault) when (takeovers.Note(fault))
        {
            await Task.Delay(RetryPause, time, stopping).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (Database.IsFault(fault) && !stopping.IsCancellationRequested)
        {
            LogFailed(Database.Reason(fault));
            await Task.Delay(RetryPause, time, stopping).ConfigureAwait(false);
            return true;
        }
    }

    // One batch; false where there was nothing to do.
    private async Task<bool> StepAsync(CancellationToken cancellation)
    {
        await storing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await using var store = await RestatingTransaction.OpenAsync(database, partitions.Numbers, cancellation).ConfigureAwait(false);
            if (_countsAreUnclear)
            {
                await PublishAsync(await store.CountsAsync(cancellation).ConfigureAwait(false)).ConfigureAwait(false);
            }
            if (_damage != damaged.Revision)
            {
                _damage = damaged.Revision;
                _waiting.Clear();
            }
            var late = await store.LateAsync(damaged.Spans, _waiting, LateRowsAtOnce, cancellation).ConfigureAwait(false);
            if (late.Count > 0)
            {
                return await MergeAsync(store, late, cancellation).ConfigureAwait(false);
            }
            metrics.LateStored(await store.WaitingAsync(cancellation).ConfigureAwait(false));
            return await RestateAsync(store, cancellation).ConfigureAwait(false);
        }
        finally
        {
            storing.Release();
        }
    }

    private async Task<bool> MergeAsync(RestatingTransaction store, List<LateRow> late, CancellationToken cancellation)
    {
        var batch = new LateBatch(store, damaged, cancellation);
        try
        {
            var notNew = await batch.MergeAsync(late).ConfigureAwait(false);
            var counts = await store.MergedAsync(late, batch.SetAside, notNew, batch.Spans, cancellation).ConfigureAwait(false);
            // Where the answer to the commit gets lost, only the table knows.
            _countsAreUnclear = true;
            await store.CommitAsync(cancellation).ConfigureAwait(false);
            _waiting.UnionWith(batch.SetAside.Select(l => l.Id));
            await PublishAsync(counts).ConfigureAwait(false);
            metrics.LateMerged(late.Sum(l => l.Segment.Count) - batch.SetAside.Sum(l => l.Segment.Count));
        }
        catch (DamagedSegmentException damage)
        {
            // The next time what touches it is set aside; queries read the queue too.
            damaged.Report(damage);
        }
        return true;
    }

    private async Task<bool> RestateAsync(RestatingTransaction store, CancellationToken cancellation)
    {
        var stale = await store.StaleWindowsAsync(damaged.Spans, WindowsAtOnce, cancellation).ConfigureAwait(false);
        if (stale.Count == 0)
        {
            return false;
        }
        var restating = new WindowRestating(options.Windows);
        try
        {
            await restating.ComputeAsync(store, stale, cancellation).ConfigureAwait(false);
            await store.RestateAsync(restating.Rows, restating.Empty, cancellation).ConfigureAwait(false);
            await store.CommitAsync(cancellation).ConfigureAwait(false);
            metrics.WindowsRestated(restating.Rows.Count);
        }
        catch (DamagedSegmentException damage)
        {
            damaged.Report(damage);
        }
        return true;
    }

    private async Task PublishAsync(List<LateCount> counts)
    {
        foreach (var some in counts.GroupBy(c => catalog[c.Sensor]!.Machine.Partition))
        {
            await partitions[some.Key]!.AskAsync(p =>
            {
                foreach (var count in some)
                {
                    p.Count(count);
                }
                return true;
            }).ConfigureAwait(false);
        }
        _countsAreUnclear = false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Late readings were not merged into the history and are tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
