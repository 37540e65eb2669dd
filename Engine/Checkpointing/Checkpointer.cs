using Microsoft.Extensions.Logging;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Log;

namespace SensorGrid.Engine.Checkpointing;

/// <summary>
/// Brings the partitions' history and snapshots into Postgres, one partition after the other: those whose share of the log or of memory has grown large at once,
/// the others at intervals; then drops the log that no partition needs any more.
/// </summary>
/// <param name="storing">Held while a checkpoint is written.</param>
/// <param name="lateWritten">Called when one left something to restate.</param>
internal sealed partial class Checkpointer(
    Database database, PostgresLog log, OwnedPartitions partitions, GridOptions options, GridMetrics metrics,
    SemaphoreSlim storing, Action lateWritten, Takeovers takeovers, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly CheckpointStore _store = new(database);
    private readonly long[] _revisions = new long[partitions.All];
    private readonly long[] _writtenAt = new long[partitions.All];

    private readonly bool[] _isFirst = new bool[partitions.All];

    // Captured but not written: a stop came in between. Capturing again is only possible once it is written.
    private readonly CheckpointDraft?[] _unsaved = new CheckpointDraft?[partitions.All];

    /// <summary>Goes on from a partition's checkpoint. Before the partition is owned.</summary>
    public void Add(Partition partition, Checkpoint checkpoint)
    {
        var number = partition.Number;
        (_revisions[number], _writtenAt[number], _isFirst[number], _unsaved[number]) = (checkpoint.Revision, time.GetTimestamp(), true, null);
    }

    /// <summary>Forgets what of a partition was captured and not written: it is not ours any more. While nothing is stored.</summary>
    public void Remove(Partition partition) => _unsaved[partition.Number] = null;

    /// <summary>Works until stopped. A store that is away is tried again and again.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                if (Due() is { } partition)
                {
                    await WriteAsync([partition], false, Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(false);
                }
                else
                {
                    await Task.Delay(Pause, time, stopping).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host calls WriteAllAsync next.
        }
    }

    /// <summary>Checkpoints every partition that has changed: after it nothing of the log before needs to be replayed.</summary>
    /// <param name="isLast">Nothing will come any more: the log is left empty.</param>
    /// <param name="patience">How long a store that is away is tried again; infinite for always. Its fault is thrown then.</param>
    public Task WriteAllAsync(bool isLast, TimeSpan patience, CancellationToken cancellation) => WriteAsync(partitions, isLast, patience, cancellation);

    /// <summary>Checkpoints one partition, where it has changed.</summary>
    /// <param name="patience">How long a store that is away is tried again.</param>
    public Task WriteLastAsync(Partition partition, TimeSpan patience, CancellationToken cancellation) => WriteAsync([partition], false, patience, cancellation);

    // The partition with the most history in memory where all have too much of it, as late readings take more memory than log; else the one with the most
    // log among those with too much of it, else the one that has waited longest beyond the interval.
    private Partition? Due()
    {
        if (partitions.Sum(p => p.PendingBytes) >= options.PendingHistoryBytes / 2)
        {
            return partitions.MaxBy(p => p.PendingBytes);
        }
        if (partitions.MaxBy(p => p.LogBytes - LogBytesOf(p)) is not { } largest)
        {
            return null;
        }
        if (largest.LogBytes >= LogBytesOf(largest))
        {
            return largest;
        }
        return partitions.MinBy(p => _writtenAt[p.Number]) is { } oldest && time.GetElapsedTime(_writtenAt[oldest.Number]) >= options.CheckpointInterval ? oldest : null;
    }

    // The first time some partitions come sooner than others, so that they never all have a full share of history in memory.
    private long LogBytesOf(Partition partition) => _isFirst[partition.Number]
        ? options.CheckpointLogBytes * (partition.Number + 1) / partitions.All
        : options.CheckpointLogBytes;

    private async Task WriteAsync(IEnumerable<Partition> some, bool isLast, TimeSpan patience, CancellationToken stopping)
    {
        await storing.WaitAsync(stopping).ConfigureAwait(false);
        try
        {
            foreach (var partition in some.Where(p => partitions[p.Number] == p))
            {
                await WriteAsync(partition, patience, stopping).ConfigureAwait(false);
            }
            await TrimAsync(isLast, stopping).ConfigureAwait(false);
        }
        finally
        {
            storing.Release();
        }
    }

    private async Task WriteAsync(Partition partition, TimeSpan patience, CancellationToken stopping)
    {
        var number = partition.Number;
        _writtenAt[number] = time.GetTimestamp();
        _isFirst[number] = false;
        if (_unsaved[number] is { } unsaved)
        {
            // Of before a stop came in between: what came since then follows.
            await SaveAsync(partition, unsaved, patience, stopping).ConfigureAwait(false);
        }
        if (await partition.AskAsync(p => p.Capture()).ConfigureAwait(false) is { } draft)
        {
            await SaveAsync(partition, draft, patience, stopping).ConfigureAwait(false);
        }
    }

    private async Task SaveAsync(Partition partition, CheckpointDraft draft, TimeSpan patience, CancellationToken stopping)
    {
        var number = partition.Number;
        _unsaved[number] = draft;
        var package = draft.ToPackage(_revisions[number] + 1, options);
        while (true)
        {
            try
            {
                await _store.WriteAsync(package, stopping).ConfigureAwait(false);
                break;
            }
            catch (WriterReplacedException fault) when (takeovers.Note(fault))
            {
                // Whoever took it over has from the log what was captured.
                return;
            }
            catch (Exception fault) when (Database.IsFault(fault) && !stopping.IsCancellationRequested
                && (patience == Timeout.InfiniteTimeSpan || time.GetElapsedTime(_writtenAt[number]) < patience))
            {
                metrics.CheckpointFailed();
                LogFailed(number, Database.Reason(fault));
                await Task.Delay(RetryPause, time, stopping).ConfigureAwait(false);
            }
        }
        _unsaved[number] = null;
        _revisions[number] = package.Revision;
        metrics.Checkpointed(time.GetElapsedTime(_writtenAt[number]));
        await partition.AskAsync(p =>
        {
            p.Saved();
            return true;
        }).ConfigureAwait(false);
        if (draft.IsLate)
        {
            metrics.LateAdded(draft.History.LateCount);
            lateWritten();
        }
    }

    private async Task TrimAsync(bool isLast, CancellationToken cancellation)
    {
        try
        {
            await log.TrimAsync(isLast, cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (Database.IsFault(fault))
        {
            LogNotTrimmed(Database.Reason(fault));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Checkpoint of partition {Partition} failed and is tried again: {Reason}")]
    private partial void LogFailed(int partition, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the checkpoints have passed was not removed: {Reason}")]
    private partial void LogNotTrimmed(string reason);
}
