using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;
using SensorGrid.Historian.Log;

namespace SensorGrid.Engine.Writing;

/// <summary>
/// The one writer of the log. Whatever waits is committed together; then the readings are handed to their partitions, in the log's order, and the
/// writers are told. While the store is away, or takes too long over a commit, writers are refused at once. Where it refuses a group, its writes are
/// committed one by one, so that a bad one fails alone.
/// </summary>
internal sealed partial class GroupCommitter(
    PostgresLog log, SensorCatalog catalog, OwnedPartitions partitions, ByteBudget inFlight, Takeovers takeovers, GridMetrics metrics, TimeProvider time, ILogger logger)
{
    private const long MaxGroupBytes = 16 << 20;
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(5);

    /// <summary>Some 10 µs on a fast machine.</summary>
    private static readonly TimeSpan SensorPatience = TimeSpan.FromMicroseconds(50);

    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Admissions _admissions = new(partitions.All);
    private readonly Channel<(PendingWrite Write, long InFlight)> _waiting = Channel.CreateUnbounded<(PendingWrite, long)>(new() { SingleReader = true });

    // Of a group that the store refused: the next groups, one write each.
    private readonly Queue<(PendingWrite Write, long InFlight)> _apart = [];

    private readonly List<(PendingWrite Write, long InFlight)> _writes = [];
    private readonly LogGroup _group = new();
    private int _savedSensors;
    private volatile string? _outage;

    /// <summary>Why the store does not take data; null while it does.</summary>
    public string? Outage => _outage;

    /// <summary>Writes of a partition are taken from now on.</summary>
    public void Admit(int partition) => _admissions.Open(partition);

    /// <summary>Takes no more writes of a partition; completes when all that were are with its twins, or refused.</summary>
    public Task DrainAsync(int partition) => _admissions.CloseAsync(partition);

    /// <summary>
    /// Takes over a write, its blocks and its room in <paramref name="bytes"/>; <see cref="PendingWrite.Durable"/> tells the end. Where that is a
    /// <see cref="PartitionMovedException"/> the blocks are the caller's again.
    /// </summary>
    public void Submit(PendingWrite write, long bytes)
    {
        if (_admissions.Enter(write) is { } closed)
        {
            Discard((write, bytes), new PartitionMovedException(closed));
        }
        else if (_outage is { } outage)
        {
            Refuse((write, bytes), new StoreUnavailableException($"the store does not take data: {outage}", RetryAfter));
        }
        else if (!_waiting.Writer.TryWrite((write, bytes)))
        {
            Refuse((write, bytes), new StoreUnavailableException("the grid is stopping", RetryAfter));
        }
    }

    /// <summary>Works until <see cref="Complete"/>, and then through what still waits.</summary>
    /// <param name="savedSensors">The number of sensors of the catalog that the table holds.</param>
    /// <param name="abandon">Ends it at once; writes under way fail, committed or not.</param>
    public async Task RunAsync(int savedSensors, CancellationToken abandon)
    {
        _savedSensors = savedSensors;
        try
        {
            while (_apart.Count > 0 || await _waiting.Reader.WaitToReadAsync(abandon).ConfigureAwait(false))
            {
                Gather();
                await CommitAsync(abandon).ConfigureAwait(false);
            }
        }
        catch (Exception fault)
        {
            // Nobody may wait for ever.
            Complete();
            RefuseAll(new StoreUnavailableException($"the log is not written any more: {fault.Message}", RetryAfter, fault));
            if (fault is not OperationCanceledException || !abandon.IsCancellationRequested)
            {
                throw;
            }
        }
    }

    public void Complete() => _waiting.Writer.TryComplete();

    private void Gather()
    {
        _group.Clear();
        if (_apart.TryDequeue(out var one))
        {
            Add(one);
        }
        else
        {
            for (long bytes = 0; bytes < MaxGroupBytes && _waiting.Reader.TryRead(out var next); bytes += next.Write.LogBytes)
            {
                Add(next);
            }
        }
        for (var id = catalog.IsShared ? catalog.Count : _savedSensors; id < catalog.Count; id++)
        {
            if (catalog[id] is { } sensor)
            {
                _group.NewSensors.Add(sensor);
            }
        }
    }

    private void Add((PendingWrite Write, long InFlight) write)
    {
        _writes.Add(write);
        _group.Rows.AddRange(write.Write.Rows);
        _group.DeadLetters.AddRange(write.Write.DeadLetters);
    }

    private async Task CommitAsync(CancellationToken abandon)
    {
        try
        {
            await AppendAsync(abandon).ConfigureAwait(false);
            Committed();
        }
        catch (Exception fault) when (Database.IsStoreFault(fault))
        {
            await OutageAsync(fault, abandon).ConfigureAwait(false);
        }
        catch (WriterReplacedException fault) when (takeovers.Note(fault))
        {
            foreach (var write in _writes.Where(w => !w.Write.Partitions.Intersect(fault.Partitions).Any()))
            {
                _apart.Enqueue(write);
            }
            _writes.RemoveAll(_apart.Contains);
            RefuseGroup(new PartitionMovedException(fault.Partitions[0]));
        }
        catch (Exception fault) when (Database.IsRefusal(fault))
        {
            LogRefused(Database.Reason(fault), _writes.Count);
            if (_writes.Count > 1)
            {
                _writes.ForEach(_apart.Enqueue);
                _writes.Clear();
            }
            RefuseGroup(fault);
        }
    }

    // A commit that hangs is waited for to the end, but its writers are not kept waiting, nor those who come meanwhile.
    private async Task AppendAsync(CancellationToken abandon)
    {
        var patience = CommitPatience + (_group.NewSensors.Count * SensorPatience);
        var append = log.AppendAsync(_group, abandon);
        try
        {
            await append.WaitAsync(patience, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (!append.IsCompleted)
            {
                await RefuseDuringAsync(append, new TimeoutException($"no answer within {patience.TotalSeconds:F0} s")).ConfigureAwait(false);
                if (append.Exception?.InnerException is not { } fault || !Database.IsStoreFault(fault))
                {
                    // It has answered, if only that it does not take the group.
                    StoreIsBack();
                }
            }
            // What became of it, though it was late, and be it by a moment.
            await append.ConfigureAwait(false);
        }
    }

    private void Committed()
    {
        if (_group.NewSensors.Count > 0)
        {
            _savedSensors = _group.NewSensors[^1].Id + 1;
        }
        metrics.LogCommitted(_group.Rows.Count, log.AppendedBytes);
        HandOver();
        foreach (var (write, _) in _writes)
        {
            _admissions.Leave(write);
            write.Complete();
            write.Dispose();
        }
        _writes.Clear();
    }

    // To the partitions, each with the position that the log gave its last reading; counted back from the log's end, as writes are in its order.
    private void HandOver()
    {
        var now = EventTime.FromDateTime(time.GetUtcNow());
        var ends = new long[partitions.All];
        for (var p = 0; p < ends.Length; p++)
        {
            ends[p] = log.Next(p);
            foreach (var (write, _) in _writes)
            {
                ends[p] -= write.Batch.Block(p)?.Count ?? 0;
            }
        }
        foreach (var (write, bytes) in _writes)
        {
            var left = 1;
            void Applied()
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    inFlight.Return(bytes);
                }
            }
            var perReading = write.Batch.Count == 0 ? 0 : (double)write.LogBytes / write.Batch.Count;
            for (var p = 0; p < ends.Length; p++)
            {
                if (write.Batch.Take(p) is { } block)
                {
                    Interlocked.Increment(ref left);
                    ends[p] += block.Count;
                    var apply = new ApplyBlock(block, ends[p], (long)(block.Count * perReading), now, Applied);
                    if (partitions[p] is { } partition)
                    {
                        partition.Post(apply);
                    }
                    else
                    {
                        // Taken over: its twins get it from the log.
                        apply.Abandon(new PartitionMovedException(p));
                    }
                }
            }
            Applied();
        }
    }

    // Refuses what comes until the store is back; then finds out whether the group that failed is in the log after all.
    private async Task OutageAsync(Exception fault, CancellationToken abandon)
    {
        while (true)
        {
            var reconnect = log.ReconnectAsync(abandon);
            await RefuseDuringAsync(reconnect, fault).ConfigureAwait(false);
            try
            {
                if (await reconnect.ConfigureAwait(false))
                {
                    Committed();
                }
                RefuseGroup(Database.Unavailable(fault));
                StoreIsBack();
                return;
            }
            catch (Exception still) when (Database.IsStoreFault(still))
            {
                fault = still;
            }
            if (_waiting.Reader.Completion.IsCompleted)
            {
                RefuseGroup(Database.Unavailable(fault));
                return;
            }
            await RefuseDuringAsync(Task.Delay(ReconnectPause, time, abandon), fault).ConfigureAwait(false);
        }
    }

    // Until the work has ended, well or not, whoever waits is told at once. The group stays: it may be in the log.
    private async Task RefuseDuringAsync(Task work, Exception fault)
    {
        if (_outage is null)
        {
            LogStoreLost(Database.Reason(fault));
        }
        _outage = Database.Reason(fault);
        var refusal = Database.Unavailable(fault);
        _writes.ForEach(w => w.Write.Fail(refusal));
        RefuseWaiting(refusal);
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(ReconnectPause, time)).ConfigureAwait(false);
            RefuseWaiting(refusal);
        }
    }

    private void StoreIsBack()
    {
        _outage = null;
        LogStoreBack();
    }

    private void RefuseAll(Exception reason)
    {
        RefuseGroup(reason);
        RefuseWaiting(reason);
    }

    private void RefuseGroup(Exception reason)
    {
        _writes.ForEach(w => Refuse(w, reason));
        _writes.Clear();
    }

    private void RefuseWaiting(Exception reason)
    {
        while (_apart.TryDequeue(out var next) || _waiting.Reader.TryRead(out next))
        {
            Refuse(next, reason);
        }
    }

    private void Refuse((PendingWrite Write, long InFlight) refused, Exception reason)
    {
        _admissions.Leave(refused.Write);
        Discard(refused, reason);
    }

    private void Discard((PendingWrite Write, long InFlight) refused, Exception reason)
    {
        if (reason is not PartitionMovedException)
        {
            refused.Write.Batch.Dispose();
        }
        refused.Write.Fail(reason);
        refused.Write.Dispose();
        inFlight.Return(refused.InFlight);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Lost the store: {Reason}. Writes are refused until it is back.")]
    private partial void LogStoreLost(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The store is back.")]
    private partial void LogStoreBack();

    [LoggerMessage(Level = LogLevel.Error, Message = "The store refused a group of {Writes} writes: {Reason}")]
    private partial void LogRefused(string reason, int writes);
}
