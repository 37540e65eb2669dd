using SensorGrid.Core.Catalog;
using SensorGrid.Core.Replays;
using SensorGrid.Engine.Replays;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Partitions;

/// <summary>Questions, answered in the loop between other work.</summary>
internal sealed partial class Partition : IPartition
{
    public Task<MemoryHistory[]> CopyHistoryAsync(IReadOnlyList<int> sensors, long from, long to) => AskAsync(p => p.CopyHistory(sensors, from, to));

    public Task<IReadOnlyList<FlagRow>> CopyFlagsAsync() => AskAsync<IReadOnlyList<FlagRow>>(p => [.. p.CopyFlags().Values]);

    public Task<Dictionary<string, int>> CountOpenFlagsAsync() => AskAsync(p => p.CountOpenFlags());

    public Task<bool> HasFlagAsync(string flag) => AskAsync(p => p.FindFlag(flag) is not null);

    public Task<SensorState> FindAsync(Sensor sensor) => AskAsync(p => SensorState.Of(p, sensor));

    public Task<MachineState> FindAsync(Machine machine, bool withRollUp) => AskAsync(p => MachineState.Of(p, machine, p._options.Windows, withRollUp));

    public Task<bool?[]> CompareAsync(IReadOnlyList<ReplayedSensor> replayed) =>
        AskAsync(p => replayed.Select(s => LiveComparison.IsSame(p, s)).ToArray());

    public Task<bool?> CompareAsync(ReplayedMachine replayed) => AskAsync(p => LiveComparison.IsSame(p, replayed));
}
