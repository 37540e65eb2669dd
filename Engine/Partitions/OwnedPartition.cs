using SensorGrid.Core.Catalog;
using SensorGrid.Core.Replays;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Partitions;

/// <summary>A partition that lives in this process, at whatever time it is asked.</summary>
/// <param name="find">Null where it does not, now.</param>
internal sealed class OwnedPartition(int number, Func<Partition?> find) : IPartition
{
    /// <exception cref="PartitionMovedException">It is not, now.</exception>
    private Partition Here => find() ?? throw new PartitionMovedException(number);

    public Task<MemoryHistory[]> CopyHistoryAsync(IReadOnlyList<int> sensors, long from, long to) => Here.CopyHistoryAsync(sensors, from, to);

    public Task<IReadOnlyList<FlagRow>> CopyFlagsAsync() => Here.CopyFlagsAsync();

    public Task<Dictionary<string, int>> CountOpenFlagsAsync() => Here.CountOpenFlagsAsync();

    public Task<bool> HasFlagAsync(string flag) => Here.HasFlagAsync(flag);

    public Task<SensorState> FindAsync(Sensor sensor) => Here.FindAsync(sensor);

    public Task<MachineState> FindAsync(Machine machine, bool withRollUp) => Here.FindAsync(machine, withRollUp);

    public Task<bool?[]> CompareAsync(IReadOnlyList<ReplayedSensor> replayed) => Here.CompareAsync(replayed);

    public Task<bool?> CompareAsync(ReplayedMachine replayed) => Here.CompareAsync(replayed);
}
