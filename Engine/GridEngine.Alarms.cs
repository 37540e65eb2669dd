using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine;

/// <summary>What people make of flags.</summary>
internal sealed partial class GridEngine
{
    // By partition: memory is to be told in the order of the table.
    private readonly SemaphoreSlim[] _changingAlarms;

    // However many partitions have changes that do not come on: connections are left for the rest.
    private readonly SemaphoreSlim _writingAlarms;

    /// <summary>
    /// Changes the alarm of a flag of a partition that is held here; it is on disk when it completes. Changes of one partition wait for each other; where there is
    /// nothing to change nobody is waited for.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    /// <exception cref="PartitionMovedException">The partition is not, or not any more, held here; nothing was changed.</exception>
    public async Task<AlarmAnswer> ChangeAlarmAsync(int partition, string flag, AlarmAction action, CancellationToken cancellation)
    {
        var changing = _changingAlarms[partition];
        try
        {
            var here = Owned[partition] ?? throw new PartitionMovedException(partition);
            if (await JudgeAsync(here, flag, action, cancellation).ConfigureAwait(false) is { Change: null } unchanged)
            {
                return unchanged.Answer;
            }
            await changing.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                // The one before may have changed it.
                var (answer, change) = await JudgeAsync(here, flag, action, cancellation).ConfigureAwait(false);
                return change is null ? answer : new AlarmAnswer(AlarmOutcome.Done, await StoreAsync(here, change, cancellation).ConfigureAwait(false));
            }
            finally
            {
                changing.Release();
            }
        }
        catch (WriterReplacedException replaced) when (Takeovers.Note(replaced))
        {
            throw new PartitionMovedException(partition);
        }
        catch (Exception fault) when (Database.IsStoreFault(fault))
        {
            throw Database.Unavailable(fault);
        }
    }

    // What an action makes of a flag, or the answer where that is nothing.
    private async Task<(AlarmAnswer Answer, FlagRow? Change)> JudgeAsync(Partition here, string flag, AlarmAction action, CancellationToken cancellation)
    {
        var row = await here.AskAsync(p => p.FindFlag(flag)).ConfigureAwait(false)
            ?? await FlagTable.FindAsync(Database, Catalog, flag, cancellation).ConfigureAwait(false);
        if (row is null)
        {
            return (new AlarmAnswer(AlarmOutcome.UnknownFlag, null), null);
        }
        if (FlagAlarm.After(row.Flag, action, Now()) is not { } after)
        {
            return (new AlarmAnswer(AlarmOutcome.NotAllowed, row.Flag), null);
        }
        var changed = row with { Flag = row.Flag with { State = after.State, Acknowledged = after.Acknowledged } };
        return (new AlarmAnswer(AlarmOutcome.Done, row.Flag), changed == row ? null : changed);
    }

    private async Task<Flag> StoreAsync(Partition here, FlagRow change, CancellationToken cancellation)
    {
        await _writingAlarms.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var now = Now();
            if (!await FlagAlarmTable.WriteAsync(Database, here.Number, change, now, () => Owned[here.Number] == here, cancellation).ConfigureAwait(false))
            {
                throw new PartitionMovedException(here.Number);
            }
        }
        finally
        {
            _writingAlarms.Release();
        }
        return await TellAsync(here, change).ConfigureAwait(false);
    }

    private static async Task<Flag> TellAsync(Partition partition, FlagRow stored)
    {
        try
        {
            return await partition.AskAsync(p => p.SetAlarm(stored)).ConfigureAwait(false);
        }
        catch (PartitionMovedException)
        {
            // Whoever takes it over reads what is stored.
            return stored.Flag;
        }
    }
}
