using SensorGrid.Core.Catalog;
using SensorGrid.Core.Replays;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// What the memory of one partition is asked, wherever its twins live. An answer holds all that was acknowledged before the question. Every member may be
/// called from any thread.
/// </summary>
internal interface IPartition
{
    /// <summary>
    /// What memory knows of sensors' readings in a span. Ask this before Postgres: a reading that is saved in between is then seen twice, which does no
    /// harm, rather than not at all.
    /// </summary>
    Task<MemoryHistory[]> CopyHistoryAsync(IReadOnlyList<int> sensors, long from, long to);

    /// <summary>The flags that opened, changed or closed since the last checkpoint that Postgres has, as they are now.</summary>
    Task<IReadOnlyList<FlagRow>> CopyFlagsAsync();

    /// <summary>The number of open flags by factory.</summary>
    Task<Dictionary<string, int>> CountOpenFlagsAsync();

    /// <summary>Whether memory has a flag: it is open, or Postgres does not have it as it is now.</summary>
    Task<bool> HasFlagAsync(string flag);

    Task<SensorState> FindAsync(Sensor sensor);

    /// <param name="withRollUp">Whether its sensors' windows are pooled.</param>
    Task<MachineState> FindAsync(Machine machine, bool withRollUp);

    /// <summary>For each replayed twin whether it is the live one, byte by byte; null where they cannot be compared.</summary>
    Task<bool?[]> CompareAsync(IReadOnlyList<ReplayedSensor> replayed);

    /// <inheritdoc cref="CompareAsync(IReadOnlyList{ReplayedSensor})"/>
    Task<bool?> CompareAsync(ReplayedMachine replayed);
}
