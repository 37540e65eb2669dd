using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Grains.Placement;

namespace SensorGrid.Grains;

/// <summary>The shell of a sensor: its state lies with its partition.</summary>
[PartitionPlacement]
internal sealed class SensorGrain(IGrid grid) : PathGrain(3), ISensorGrain
{
    public Task<SensorView> GetTwinAsync() => KnownAsync(path => grid.GetSensorAsync(path.Factory, path.Machine!, path.Sensor!, CancellationToken.None));

    public async Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize) =>
        [.. await KnownAsync(path => grid.GetStatisticsAsync(path, from, to, windowSize, CancellationToken.None))];

    public async Task<Flag[]> GetOpenFlagsAsync() => [.. (await GetTwinAsync()).Flags];
}
