using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Log;

namespace SensorGrid.Grains.Partitions;

/// <summary>
/// A partition wherever in the cluster it lives: asked in place where that is here, else by its grain. While it moves the question waits, for a while.
/// </summary>
/// <param name="engine">That of this silo.</param>
internal sealed class GrainPartition(int number, GridEngine engine, IGrainFactory grains, TimeProvider time) : IPartition
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ILogPartitionGrain _grain = grains.GetGrain<ILogPartitionGrain>(number);
    private HeldTicket? _held;

    public Task<MemoryHistory[]> CopyHistoryAsync(IReadOnlyList<int> sensors, long from, long to) => AskAsync(
        here => here.CopyHistoryAsync(sensors, from, to),
        async there => Array.ConvertAll(
            await there.GetMemoryAsync([.. sensors], from, to).ConfigureAwait(false),
            m => new MemoryHistory(m.Sensor, SensorMemory.Unpack(m.InOrder), SensorMemory.Unpack(m.Late), m.LastTime)));

    public Task<IReadOnlyList<FlagRow>> CopyFlagsAsync() => AskAsync<IReadOnlyList<FlagRow>>(
        here => here.CopyFlagsAsync(),
        async there => [.. (await there.GetFlagsAsync().ConfigureAwait(false)).Select(f => new FlagRow(f.Owner, f.Flag))]);

    public Task<Dictionary<string, int>> CountOpenFlagsAsync() => AskAsync(here => here.CountOpenFlagsAsync(), there => there.CountOpenFlagsAsync());

    public Task<bool> HasFlagAsync(string flag) => AskAsync(here => here.HasFlagAsync(flag), there => there.HasFlagAsync(flag));

    public Task<SensorState> FindAsync(Sensor sensor) => AskAsync(
        here => here.FindAsync(sensor),
        async there =>
        {
            var state = await there.GetSensorAsync(sensor.Id).ConfigureAwait(false);
            return new SensorState(state.View, state.LateUntil);
        });

    public Task<MachineState> FindAsync(Machine machine, bool withRollUp) => AskAsync(
        here => here.FindAsync(machine, withRollUp),
        async there =>
        {
            var state = await there.GetMachineAsync(machine.Factory.Name, machine.Name, withRollUp).ConfigureAwait(false);
            return new MachineState(machine, state.Summary, state.Sensors, RollUp.Unpack(state.RollUp, engine.Options.Windows), state.Flags, state.Counters);
        });

    public Task<bool?[]> CompareAsync(IReadOnlyList<ReplayedSensor> replayed) => AskAsync(
        here => here.CompareAsync(replayed), there => there.CompareAsync([.. replayed.Select(ReplayedTwins.Of)]));

    public Task<bool?> CompareAsync(ReplayedMachine replayed) => AskAsync(
        here => here.CompareAsync(replayed), async there => (await there.CompareAsync([ReplayedTwins.Of(replayed)]).ConfigureAwait(false))[0]);

    /// <inheritdoc cref="GridEngine.ChangeAlarmAsync"/>
    public Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action, CancellationToken cancellation) => AskAsync(
        _ => engine.ChangeAlarmAsync(number, flag, action, cancellation), there => there.ChangeAlarmAsync(flag, action));

    /// <inheritdoc cref="ILogPartitionGrain.WatchAsync"/>
    /// <exception cref="StoreUnavailableException">The partition was away for too long.</exception>
    public Task<LiveLease> WatchAsync(ILiveObserver observer, LiveInterest[] interests) =>
        AskAsync(_ => _grain.WatchAsync(observer, interests), there => there.WatchAsync(observer, interests));

    /// <summary>
    /// Appends readings, and disposes of them. Who gave them may have given them to another silo since, and newer ones: nothing is tried any more once that
    /// one is gone, or when this silo stood still.
    /// </summary>
    /// <exception cref="GridBusyException">Too much is under way.</exception>
    /// <exception cref="StoreUnavailableException">The store is away, the partition was for too long, or this silo stood still.</exception>
    public async Task AppendAsync(ReadingBlock block, CancellationToken cancellation)
    {
        byte[][]? rows = null;
        var answer = await AskAsync(
            async _ =>
            {
                await engine.AppendAsync(number, block, () => cancellation.IsCancellationRequested ? new OperationCanceledException(cancellation) : null)
                    .ConfigureAwait(false);
                return new AppendAnswer(AppendOutcome.Durable);
            },
            async there =>
            {
                var sent = await SendAsync(there, rows ??= Encode(block), cancellation).ConfigureAwait(false);
                if (sent.Outcome == AppendOutcome.Away)
                {
                    throw new PartitionMovedException(number);
                }
                block.Dispose();
                return sent;
            },
            cancellation).ConfigureAwait(false);
        switch (answer.Outcome)
        {
            case AppendOutcome.Busy:
                throw new GridBusyException(answer.Reason!, RetryAfter);
            case AppendOutcome.Unavailable:
                throw new StoreUnavailableException(answer.Reason!, RetryAfter);
        }
    }

    private async Task<AppendAnswer> SendAsync(ILogPartitionGrain there, byte[][] rows, CancellationToken cancellation)
    {
        RequireCurrent();
        var ticket = _held is { } held && held.IsFresh(time) ? held.Ticket : (AppendTicket?)null;
        if (ticket is null)
        {
            var asked = await CallAsync(there, new LogAppend([])).ConfigureAwait(false);
            if (asked.Outcome != AppendOutcome.Durable)
            {
                return asked;
            }
            ticket = asked.Ticket;
            cancellation.ThrowIfCancellationRequested();
            RequireCurrent();
        }
        var sentAt = time.GetTimestamp();
        try
        {
            return await CallAsync(there, new LogAppend(rows, ticket)).ConfigureAwait(false);
        }
        catch
        {
            // It may be on its way still. Trying again, and saying that it failed, has to wait until it cannot land any more: a newer write may follow.
            var left = AppendTickets.Lifetime - time.GetElapsedTime(sentAt);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, cancellation).ConfigureAwait(false);
            }
            throw;
        }
    }

    private void RequireCurrent()
    {
        if (!engine.IsCurrent)
        {
            throw new StoreUnavailableException("this silo stood still, or the store is away from it", RetryAfter);
        }
    }

    private async Task<AppendAnswer> CallAsync(ILogPartitionGrain there, LogAppend append)
    {
        var askedAt = time.GetTimestamp();
        var answer = await there.AppendAsync(append).ConfigureAwait(false);
        _held = answer.Ticket is { } ticket ? new HeldTicket(ticket, askedAt) : null;
        return answer;
    }

    private static byte[][] Encode(ReadingBlock block)
    {
        var rows = new List<byte[]>();
        var buffer = new byte[LogRowCodec.MaxRow];
        for (var at = 0; at < block.Count;)
        {
            rows.Add(buffer[..LogRowCodec.Encode(block, at, buffer, out var count)]);
            at += count;
        }
        return [.. rows];
    }

    private async Task<T> AskAsync<T>(Func<Partition, Task<T>> here, Func<ILogPartitionGrain, Task<T>> there, CancellationToken cancellation = default)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return engine is { IsCurrent: true } && engine.Owned[number] is { } partition
                    ? await here(partition).ConfigureAwait(false)
                    : await there(_grain).ConfigureAwait(false);
            }
            catch (Exception fault) when (IsMove(fault))
            {
                // Where the store is away, waiting for a partition helps nobody.
                var reason = engine.NotReady;
                if (reason is not null || time.GetElapsedTime(started) >= Patience)
                {
                    throw new StoreUnavailableException(reason ?? fault.Message, RetryAfter, fault);
                }
                await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static bool IsMove(Exception fault) =>
        fault is PartitionMovedException or PartitionAwayException || SiloFaults.IsAway(fault);
}
