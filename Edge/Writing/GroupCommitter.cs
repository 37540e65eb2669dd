using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Edge.Partitions;
using SensorGrid.Historian;
using SensorGrid.Historian.Log;

namespace SensorGrid.Edge.Writing;

/// <summary>
/// The one writer of the log. Whatever waits is committed together; then the readings are handed to their partitions, in the log's order, and the
/// writers are told. While the store is away writers are refused at once and the connection is tried again and again.
/// </summary>
internal sealed partial class GroupCommitter(
    PostgresLog log, SensorCatalog catalog, IReadOnlyList<Partition> partitions, ByteBudget inFlight, EdgeMetrics metrics, TimeProvider time, ILogger logger)
{
    private const long MaxGroupBytes = 16 << 20;
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Channel<(PendingWrite Write, long InFlight)> _waiting = Channel.CreateUnbounded<(PendingWrite, long)>(new() { SingleReader = true });
    private readonly List<(PendingWrite Write, long InFlight)> _writes = [];
    private readonly LogGroup _group = new();
    private int _savedSensors;
    private volatile string? _outage;

    /// <summary>Why the store does not take data; null while it does.</summary>
    public string? Outage => _outage;

    /// <summary>Takes over a write, its blocks and its room in <paramref name="bytes"/>; <see cref="PendingWrite.Durable"/> tells the end.</summary>
    public void Submit(PendingWrite write, long bytes)
    {
        if (_outage is { } outage)
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
    public async Task RunAsync(int savedSensors)
    {
        _savedSensors = savedSensors;
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            Gather();
            try
            {
                await log.AppendAsync(_group, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception fault) when (Database.IsStoreFault(fault))
            {
                await OutageAsync(fault).ConfigureAwait(false);
                continue;
            }
            Committed();
        }
    }

    public void Complete() => _waiting.Writer.TryComplete();

    private void Gather()
    {
        _writes.Clear();
        _group.Clear();
        long bytes = 0;
        while (bytes < MaxGroupBytes && _waiting.Reader.TryRead(out var next))
        {
            _writes.Add(next);
            _group.Rows.AddRange(next.Write.Rows);
            _group.DeadLetters.AddRange(next.Write.DeadLetters);
            bytes += next.Write.LogBytes;
        }
        for (var id = _savedSensors; id < catalog.Count; id++)
        {
            if (catalog[id] is { } sensor)
            {
                _group.NewSensors.Add(sensor);
            }
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
            write.Complete();
            write.Dispose();
        }
    }

    // To the partitions, each with the position that the log gave its last reading; counted back from the log's end, as writes are in its order.
    private void HandOver()
    {
        var ends = new long[partitions.Count];
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
                    partitions[p].Post(new ApplyBlock(block, ends[p], (long)(block.Count * perReading), Applied));
                }
            }
            Applied();
        }
    }

    // Refuses what comes until the store is back; then finds out whether the group that failed is in the log after all.
    private async Task OutageAsync(Exception fault)
    {
        _outage = fault.Message;
        LogStoreLost(fault.Message);
        var refusal = Database.Unavailable(fault);
        foreach (var (write, _) in _writes)
        {
            write.Fail(refusal);
        }
        while (true)
        {
            try
            {
                if (await log.ReconnectAsync(_group, CancellationToken.None).ConfigureAwait(false))
                {
                    Committed();
                }
                else
                {
                    _writes.ForEach(w => Refuse(w, refusal));
                }
                break;
            }
            catch (Exception still) when (Database.IsStoreFault(still))
            {
                _outage = still.Message;
                refusal = Database.Unavailable(still);
            }
            while (_waiting.Reader.TryRead(out var next))
            {
                Refuse(next, refusal);
            }
            if (_waiting.Reader.Completion.IsCompleted)
            {
                _writes.ForEach(w => Refuse(w, refusal));
                return;
            }
            await Task.Delay(ReconnectPause, time).ConfigureAwait(false);
        }
        _outage = null;
        LogStoreBack();
    }

    private void Refuse((PendingWrite Write, long InFlight) refused, Exception reason)
    {
        refused.Write.Fail(reason);
        refused.Write.Batch.Dispose();
        refused.Write.Dispose();
        inFlight.Return(refused.InFlight);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Lost the store: {Reason}. Writes are refused until it is back.")]
    private partial void LogStoreLost(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The store is back.")]
    private partial void LogStoreBack();
}
