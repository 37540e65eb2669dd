using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Queries;

/// <summary>Finds the partition of a flag, which alone changes what people have made of it.</summary>
/// <param name="know">Learns of the sensors that other processes have met since.</param>
/// <param name="change">Asks a partition, wherever it is.</param>
internal sealed class GridAlarms(
    GridEngine engine, Func<CancellationToken, Task> know, Func<int, string, AlarmAction, CancellationToken, Task<AlarmAnswer>> change)
{
    public async Task<AlarmAnswer> ChangeAsync(string flag, AlarmAction action, CancellationToken cancellation)
    {
        if (FlagId.TryParse(flag, out _))
        {
            await know(cancellation).ConfigureAwait(false);
            if (await PartitionOfAsync(flag, cancellation).ConfigureAwait(false) is { } partition)
            {
                return await change(partition, flag, action, cancellation).ConfigureAwait(false);
            }
        }
        return new AlarmAnswer(AlarmOutcome.UnknownFlag, null);
    }

    // Memory has those that no checkpoint has brought yet; one may bring it between the two looks.
    private async Task<int?> PartitionOfAsync(string flag, CancellationToken cancellation)
    {
        if (await StoredPartitionOfAsync(flag, cancellation).ConfigureAwait(false) is { } stored)
        {
            return stored;
        }
        var have = await Task.WhenAll(engine.Everywhere.Select(p => p.HasFlagAsync(flag))).ConfigureAwait(false);
        return Array.IndexOf(have, true) is >= 0 and var partition ? partition : await StoredPartitionOfAsync(flag, cancellation).ConfigureAwait(false);
    }

    private async Task<int?> StoredPartitionOfAsync(string flag, CancellationToken cancellation) =>
        await StoreFaults.Translate(() => FlagTable.FindAsync(engine.Database, engine.Catalog, flag, cancellation), engine.Damaged).ConfigureAwait(false) is { } stored
            ? engine.Catalog[stored.Sensor < 0 ? FlagRow.MachineOf(stored.Sensor) : stored.Sensor]!.Machine.Partition
            : null;
}
