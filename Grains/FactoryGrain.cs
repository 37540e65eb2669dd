using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>The shell of a factory: its state lies with its partition.</summary>

internal sealed class FactoryGrain(IGrid grid) : PathGrain(1), IFactoryGrain
{
    public Task<FactoryView> GetTwinAsync() => KnownAsync(path => grid.GetFactoryAsync(path.Factory, CancellationToken.None));

    public async Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize) =>
        [.. await KnownAsync(path => grid.GetStatisticsAsync(path, from, to, windowSize, CancellationToken.None))];

    public async Task<Flag[]> GetOpenFlagsAsync() => [.. (await GetTwinAsync()).Flags];
}
