using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine;

/// <summary>What people make of flags.</summary>
internal sealed partial class GridEngine
{
    private readonly SemaphoreSlim _changingAlarm = new(1);

    /// <summary>Changes the alarm of a flag of a partition that is held here; it is on disk when it completes.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    /// <exception cref="PartitionMovedException">The partition is not, or not any more, held here; nothing was changed.</exception>
    public async Task<AlarmAnswer> ChangeAlarmAsync(int partition, string flag, AlarmAction action, CancellationToken cancellation)
    {
        await _changingAlarm.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var here = Owned[partition] ?? throw new PartitionMovedException(partition);
            var row = await here.AskAsync(p => p.FindFlag(flag)).ConfigureAwait(false)
                ?? await FlagTable.FindAsync(Database, Catalog, flag, cancellation).ConfigureAwait(false);
            if (row is null)
            {
                return new AlarmAnswer(AlarmOutcome.UnknownFlag, null);
            }
            var now = EventTime.FromDateTime(_time.GetUtcNow());
            if (FlagAlarm.After(row.Flag, action, now) is not { } after)
            {
                return new AlarmAnswer(AlarmOutcome.NotAllowed, row.Flag);
            }
            if (after == FlagAlarm.Of(row.Flag))
            {
                return new AlarmAnswer(AlarmOutcome.Done, row.Flag);
            }
            var stored = row with { Flag = row.Flag with { State = after.State, Acknowledged = after.Acknowledged } };
            if (!await FlagAlarmTable.WriteAsync(Database, partition, stored, now, () => Owned[partition] == here, cancellation).ConfigureAwait(false))
            {
                throw new PartitionMovedException(partition);
            }
            return new AlarmAnswer(AlarmOutcome.Done, await TellAsync(here, stored).ConfigureAwait(false));
        }
        catch (WriterReplacedException replaced) when (Takeovers.Note(replaced))
        {
            throw new PartitionMovedException(partition);
        }
        catch (Exception fault) when (Database.IsStoreFault(fault))
        {
            throw Database.Unavailable(fault);
        }
        finally
        {
            _changingAlarm.Release();
        }
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
