using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Grains.Partitions;

/// <summary>
/// A partition wherever in the cluster it lives: asked in place where that is here, else by its grain. While it moves the question waits, for a while.
/// </summary>
/// <param name="engine">That of this silo.</param>
/// <param name="calls">Made here.</param>
internal sealed class GrainPartition(int number, GridEngine engine, IGrainFactory grains, AppendCalls calls, TimeProvider time) : IPartition
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

    /// <summary>The last ticket to append to the partition; null where there is none that is good for long enough.</summary>
    public HeldTicket? Ticket => _held is { } held && held.IsFresh(time) ? held : null;

    /// <summary>Keeps the ticket of an answer.</summary>
    /// <param name="askedAt">When it was asked for.</param>
    public void Keep(AppendTicket? ticket, SiloAddress? silo, long askedAt) => _held = ticket is { } given ? new HeldTicket(given, silo, askedAt) : null;

    /// <inheritdoc cref="ClusterWriter.AppendAsync"/>
    public Task AppendAsync(ReadingBlock block, CancellationToken cancellation)
    {
        byte[][]? rows = null;
        return AskAsync(
            async _ =>
            {
                var batch = new ReadingBatch(engine.Options.Partitions);
                batch.Put(number, block);
                await calls.AppendHereAsync(batch, cancellation).ConfigureAwait(false);
                return true;
            },
            async there =>
            {
                var ticket = Ticket?.Ticket ?? await AskForTicketAsync(there, cancellation).ConfigureAwait(false);
                var answer = await calls.MakeAsync(() => CallAsync(there, new LogAppend(rows ??= AppendCalls.Encode(block), ticket)), cancellation).ConfigureAwait(false);
                AppendCalls.RequireDurable(answer.Outcome, answer.Reason, number);
                block.Dispose();
                return true;
            },
            cancellation);
    }

    /// <summary>Whether the partition may be on its way to another silo, or is there.</summary>
    public static bool IsMove(Exception fault) =>
        fault is PartitionMovedException or PartitionAwayException || SiloFaults.IsAway(fault);

    private async Task<AppendTicket> AskForTicketAsync(ILogPartitionGrain there, CancellationToken cancellation)
    {
        calls.RequireCurrent();
        var asked = await CallAsync(there, new LogAppend([])).ConfigureAwait(false);
        AppendCalls.RequireDurable(asked.Outcome, asked.Reason, number);
        cancellation.ThrowIfCancellationRequested();
        return asked.Ticket ?? throw new PartitionMovedException(number);
    }

    private async Task<AppendAnswer> CallAsync(ILogPartitionGrain there, LogAppend append)
    {
        var askedAt = time.GetTimestamp();
        var answer = await there.AppendAsync(append).ConfigureAwait(false);
        Keep(answer.Ticket, answer.Silo, askedAt);
        return answer;
    }

    private async Task<T> AskAsync<T>(Func<Partition, Task<T>> here, Func<ILogPartitionGrain, Task<T>> there, CancellationToken cancellation = default)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return engine is { IsCurrent: true } && engine.Owned[number] is { IsLost: false } partition
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
}
