using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime.Placement;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Grains.Placement;
using SensorGrid.Historian.Log;

namespace SensorGrid.Grains.Partitions;

/// <summary>Holds its silo's engine to one partition: taken with the activation, given up with its end. A reminder brings it back wherever it is missing.</summary>
[PartitionPlacement]
[Reentrant]
internal sealed partial class LogPartitionGrain(GridEngine engine, ILocalSiloDetails silo, TimeProvider time, ILogger<LogPartitionGrain> logger) : Grain, ILogPartitionGrain, IRemindable
{
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly AppendTickets _tickets = new(time);
    private Task _taken = Task.CompletedTask;

    private int Number => (int)this.GetPrimaryKeyLong();

    private long? Turn => engine.Database.TurnOf(Number);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        // Recovery may take longer than an activation may: whoever asks waits for it.
        _taken = TakeAsync();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _taken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            EndWatches();
            await engine.GiveUpAsync(Number, StorePatience, cancellationToken);
        }
        catch (Exception fault)
        {
            LogNotSaved(Number, fault.Message);
        }
    }

    public Task EnsureAsync() => HereAsync();

    public Task MoveAsync(SiloAddress silo)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    public async Task<AppendAnswer> AppendAsync(LogAppend append)
    {
        var (outcome, reason) = await TryAppendAsync(append.Rows.Length == 0 ? [] : [new PartitionAppend(Number, append)]);
        return new AppendAnswer(outcome, reason, _tickets.Give(Turn), silo.SiloAddress);
    }

    public async Task<TogetherAnswer> AppendTogetherAsync(PartitionAppend[] appends)
    {
        var (outcome, reason) = await TryAppendAsync(appends);
        return new TogetherAnswer(outcome, reason, Array.ConvertAll(appends, a => _tickets.Give(engine.Database.TurnOf(a.Partition))));
    }

    public async Task<SensorMemory[]> GetMemoryAsync(int[] sensors, long from, long to)
    {
        var memory = await AskAsync(p => p.CopyHistoryAsync(sensors, from, to));
        return Array.ConvertAll(memory, m => new SensorMemory(m.Sensor, SensorMemory.Pack(m.InOrder), SensorMemory.Pack(m.Late), m.LastTime));
    }

    public async Task<OwnedFlag[]> GetFlagsAsync() => [.. (await AskAsync(p => p.CopyFlagsAsync())).Select(f => new OwnedFlag(f.Sensor, f.Flag))];

    public Task<bool> HasFlagAsync(string flag) => AskAsync(p => p.HasFlagAsync(flag));

    public Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action) =>
        AskAsync(_ => engine.ChangeAlarmAsync(Number, flag, action, CancellationToken.None));

    public Task<Dictionary<string, int>> CountOpenFlagsAsync() => AskAsync(p => p.CountOpenFlagsAsync());

    public async Task<SensorTwinState> GetSensorAsync(int sensor)
    {
        await KnowAsync(() => engine.Catalog[sensor] is not null);
        var state = await AskAsync(p => p.FindAsync(engine.Catalog[sensor]!));
        return new SensorTwinState(state.View, state.LateUntil);
    }

    public async Task<MachineTwinState> GetMachineAsync(string factory, string machine, bool withRollUp)
    {
        await KnowAsync(() => engine.Catalog.Find(factory, machine) is not null);
        var state = await AskAsync(p => p.FindAsync(engine.Catalog.Find(factory, machine)!, withRollUp));
        return new MachineTwinState(state.Summary, [.. state.Sensors], state.RollUp.Pack(), [.. state.Flags], state.Counters);
    }

    public Task<bool?[]> CompareAsync(ReplayedTwin[] replayed) => AskAsync(async p =>
    {
        var same = new bool?[replayed.Length];
        for (var i = 0; i < same.Length; i++)
        {
            same[i] = await ReplayedTwins.CompareAsync(p, replayed[i], engine.Catalog);
        }
        return same;
    });

    private async Task TakeAsync()
    {
        try
        {
            await Task.Run(() => engine.TakeAsync([Number], CancellationToken.None));
            await this.RegisterOrUpdateReminder("keep", ReminderPeriod, ReminderPeriod);
        }
        catch (Exception fault)
        {
            LogNotTaken(Number, fault.Message);
            DeactivateOnIdle();
            throw;
        }
    }

    // The partition, once it is recovered.
    private async Task<Partition> HereAsync()
    {
        try
        {
            await _taken;
        }
        catch (Exception fault)
        {
            throw new PartitionAwayException(Number, fault.Message);
        }
        if (engine.Owned[Number] is { IsLost: false } here)
        {
            return engine.IsCurrent ? here : throw new PartitionAwayException(Number, "the store is away from its silo");
        }
        // Another silo has taken it over: this activation is one too many.
        DeactivateOnIdle();
        throw new PartitionAwayException(Number);
    }

    private async Task<T> AskAsync<T>(Func<IPartition, Task<T>> ask)
    {
        try
        {
            return await ask(await HereAsync());
        }
        catch (PartitionMovedException)
        {
            throw new PartitionAwayException(Number);
        }
    }

    // Nothing at all where just a ticket is asked for.
    private async Task<(AppendOutcome Outcome, string? Reason)> TryAppendAsync(PartitionAppend[] appends)
    {
        var batch = new ReadingBatch(engine.Options.Partitions);
        try
        {
            await HereAsync();
            foreach (var (partition, append) in appends)
            {
                batch.Put(partition, Decode(append.Rows));
            }
            if (appends.Length == 0)
            {
                return Turn is null ? (AppendOutcome.Away, "the partition is not here") : (AppendOutcome.Durable, null);
            }
            await engine.AppendAsync(batch, () => Array.Find(Array.ConvertAll(appends, Objection), o => o is not null));
            return (AppendOutcome.Durable, null);
        }
        catch (Exception fault) when (fault is PartitionAwayException or PartitionMovedException or TicketExpiredException)
        {
            batch.Dispose();
            return (AppendOutcome.Away, fault.Message);
        }
        catch (GridBusyException busy)
        {
            return (AppendOutcome.Busy, busy.Message);
        }
        catch (StoreUnavailableException away)
        {
            return (AppendOutcome.Unavailable, away.Message);
        }
    }

    private TicketExpiredException? Objection(PartitionAppend append) =>
        append.Append.Ticket is { } ticket ? _tickets.Objection(ticket, engine.Database.TurnOf(append.Partition)) : null;

    // Another silo may have registered it a moment ago.
    private async Task KnowAsync(Func<bool> isKnown)
    {
        if (!isKnown())
        {
            await engine.Registry.KnowAsync(CancellationToken.None);
        }
    }

    private static ReadingBlock Decode(byte[][] rows)
    {
        var block = new ReadingBlock();
        foreach (var row in rows)
        {
            LogRowCodec.Decode(row, block);
        }
        return block;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Partition {Partition} was not taken, which is tried again: {Reason}")]
    private partial void LogNotTaken(int partition, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last checkpoint of partition {Partition} was not written, so that the next silo reads more of the log: {Reason}")]
    private partial void LogNotSaved(int partition, string reason);
}
