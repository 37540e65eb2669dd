using System.Collections.Concurrent;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Writing;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine;

/// <summary>Partitions that come and go.</summary>
internal sealed partial class GridEngine
{
    // Partitions that are being taken: since when, by the wall clock.
    private readonly ConcurrentDictionary<int, long> _takenSince = [];

    /// <summary>
    /// Takes partitions over from whoever held them: recovers their twins from their snapshots and the log, and goes on from there.
    /// </summary>
    public async Task TakeAsync(IReadOnlyList<int> numbers, CancellationToken cancellation)
    {
        var began = Now();
        foreach (var number in numbers)
        {
            _takenSince[number] = began;
        }
        try
        {
            await RecoverAsync(numbers, cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (var number in numbers)
            {
                _takenSince.TryRemove(number, out _);
            }
        }
    }

    private async Task RecoverAsync(IReadOnlyList<int> numbers, CancellationToken cancellation)
    {
        await _taking.WaitAsync(cancellation).ConfigureAwait(false);
        var rules = _rules;
        var taken = numbers.Select(n => new Partition(n, Catalog, _twins, rules, Options, _actors)).ToArray();
        try
        {
            foreach (var before in numbers.Select(n => Owned[n]).OfType<Partition>())
            {
                // Taken over by another process and lost by that one, before this one noticed.
                await RemoveAsync(before).ConfigureAwait(false);
            }
            // Its twins lie where those of the one before do, which may be on its way out.
            await Task.WhenAll(numbers.Select(n => Volatile.Read(ref _removals[n]) ?? Task.CompletedTask)).WaitAsync(cancellation).ConfigureAwait(false);
            // A write of an earlier turn would be appended where the partition's log ended then.
            await Task.WhenAll(numbers.Select(_committer.DrainAsync)).WaitAsync(cancellation).ConfigureAwait(false);
            var checkpoints = await _recovery.RunAsync(taken, cancellation).ConfigureAwait(false);
            await _restater.LoadAsync(taken, cancellation).ConfigureAwait(false);
            foreach (var partition in taken)
            {
                partition.Load(await FlagAlarmTable.ReadOpenAsync(Database, partition.Number, cancellation).ConfigureAwait(false));
            }
            var now = Now();
            foreach (var partition in taken)
            {
                partition.GoLive(now);
                _checkpointer.Add(partition, checkpoints[partition.Number]);
                _loops[partition.Number] = Watch(Begin(partition), $"partition {partition.Number}");
                Owned.Add(partition);
                _committer.Admit(partition.Number);
            }
        }
        catch
        {
            foreach (var partition in taken)
            {
                _log.Release(partition.Number);
                partition.Forget();
                partition.Dispose();
            }
            throw;
        }
        finally
        {
            _taking.Release();
        }
        _restater.Wake();
        if (rules != _rules)
        {
            // Others came in force while these partitions were recovered, and could not hear of it.
            await AskAllAsync(p => p.Use(_rules)).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Gives a partition up for another process to take: finishes its writes and checkpoints it, so that the other has nothing to replay. Where that fails
    /// what was acknowledged is durable all the same.
    /// </summary>
    /// <param name="patience">For the store, where it is away.</param>
    public async Task GiveUpAsync(int number, TimeSpan patience, CancellationToken cancellation)
    {
        if (Owned[number] is not { } partition)
        {
            return;
        }
        try
        {
            await _committer.DrainAsync(number).WaitAsync(cancellation).ConfigureAwait(false);
            await _checkpointer.WriteLastAsync(partition, patience, cancellation).ConfigureAwait(false);
            partition.Lose();
            await _log.ReleaseAsync(number, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await RemoveAsync(partition).ConfigureAwait(false);
        }
    }

    /// <summary>Drops a partition that another process has taken over, with all that it has not stored: the other has that from the log.</summary>
    public async Task DropAsync(int number)
    {
        if (Owned[number] is { } partition)
        {
            await RemoveAsync(partition).ConfigureAwait(false);
        }
    }

    /// <summary>Takes readings of partitions that are held here over, all or none; they are on disk when it completes.</summary>
    /// <param name="objection">Why they are not wanted any more, or null: asked when they get their place in the log, and thrown.</param>
    /// <exception cref="GridBusyException">Too much is under way.</exception>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    /// <exception cref="PartitionMovedException">A partition is not, or not any more, held here; the readings are as they were.</exception>
    public async Task AppendAsync(ReadingBatch batch, Func<Exception?> objection)
    {
        await KnowAsync(batch).ConfigureAwait(false);
        var bytes = (long)batch.Count * ReadingBytes;
        var refusal = Refusal();
        if (refusal is null && !await InFlight.TryTakeAsync(bytes, CancellationToken.None).ConfigureAwait(false))
        {
            refusal = new GridBusyException("too much is under way", RetryAfter);
        }
        else if (refusal is null && (refusal = objection()) is not null)
        {
            InFlight.Return(bytes);
        }
        if (refusal is not null)
        {
            batch.Dispose();
            throw refusal;
        }
        var write = PendingWrite.Encode(batch, []);
        Submit(write, bytes);
        await write.Durable.ConfigureAwait(false);
    }

    // Seconds: how long readings in the log, or a partition that is being taken, have waited for twins.
    private double LogLag()
    {
        var now = Now();
        return (now - _takenSince.Values.Concat(Owned.Select(p => p.WaitingSince)).Append(now).Min()) / (double)EventTime.Second;
    }

    private long Now() => EventTime.FromDateTime(_time.GetUtcNow());

    // It outlives who takes it, and so it must not keep what flows with the call of that one.
    private static Task Begin(Partition partition)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(partition.RunAsync, CancellationToken.None);
        }
    }

    // Who comes second waits for the first.
    private async Task RemoveAsync(Partition partition)
    {
        var number = partition.Number;
        // Not while one of its checkpoints is being written.
        await _storing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (Owned[number] == partition)
            {
                var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                // Before anybody can see that it is not owned.
                Volatile.Write(ref _removals[number], gone.Task);
                Owned.Remove(partition);
                _ = _committer.DrainAsync(number);
                _checkpointer.Remove(partition);
                _log.Release(number);
                partition.Complete();
                _ = LetGoAsync(partition, gone);
            }
        }
        finally
        {
            _storing.Release();
        }
        await (Volatile.Read(ref _removals[number]) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    // A fault goes to those who wait for it to be gone.
    private async Task LetGoAsync(Partition partition, TaskCompletionSource gone)
    {
        try
        {
            await (_loops[partition.Number] ?? Task.CompletedTask).ConfigureAwait(false);
            partition.Forget();
            partition.Dispose();
            gone.SetResult();
        }
        catch (Exception fault)
        {
            gone.SetException(fault);
        }
    }

    // Another process may have registered sensors of it a moment ago; ids are given in order.
    private async Task KnowAsync(ReadingBatch batch)
    {
        if (Enumerable.Range(0, batch.Partitions).Any(p => batch.Block(p) is { } block && block.Sensors.ContainsAnyInRange(Catalog.Count, int.MaxValue)))
        {
            await Registry.KnowAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
