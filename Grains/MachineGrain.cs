using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Grains.Placement;

namespace SensorGrid.Grains;

/// <summary>The shell of a machine: its state lies with its partition.</summary>
[PartitionPlacement]
internal sealed class MachineGrain(IGrid grid) : PathGrain(2), IMachineGrain
{
    public Task<MachineView> GetTwinAsync() => KnownAsync(path => grid.GetMachineAsync(path.Factory, path.Machine!, CancellationToken.None));

    public async Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize) =>
        [.. await KnownAsync(path => grid.GetStatisticsAsync(path, from, to, windowSize, CancellationToken.None))];

    public async Task<Flag[]> GetOpenFlagsAsync() => [.. (await GetTwinAsync()).Flags];
}
