using SensorGrid.Core.Catalog;
using SensorGrid.Core.Replays;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Edge.Tests;

/// <summary>A partition in whichever of some engines holds it now.</summary>
internal sealed class SharedPartition(IReadOnlyList<SharingEngine> engines, int number) : IPartition
{
    private IPartition Here =>
        engines.Select(e => e.Engine.Owned).FirstOrDefault(o => o[number] is not null) is { } owner ? new OwnedPartition(owner, number) : throw new PartitionMovedException(number);

    public Task<MemoryHistory[]> CopyHistoryAsync(IReadOnlyList<int> sensors, long from, long to) => Here.CopyHistoryAsync(sensors, from, to);

    public Task<IReadOnlyList<FlagRow>> CopyFlagsAsync() => Here.CopyFlagsAsync();

    public Task<Dictionary<string, int>> CountOpenFlagsAsync() => Here.CountOpenFlagsAsync();

    public Task<bool> HasFlagAsync(string flag) => Here.HasFlagAsync(flag);

    public Task<SensorState> FindAsync(Sensor sensor) => Here.FindAsync(sensor);

    public Task<MachineState> FindAsync(Machine machine, bool withRollUp) => Here.FindAsync(machine, withRollUp);

    public Task<bool?[]> CompareAsync(IReadOnlyList<ReplayedSensor> replayed) => Here.CompareAsync(replayed);

    public Task<bool?> CompareAsync(ReplayedMachine replayed) => Here.CompareAsync(replayed);
}
