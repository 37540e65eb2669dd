using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>The shell of a factory: its state lies with its partition.</summary>

internal sealed class FactoryGrain(IGrid grid) : PathGrain(1, grid), IFactoryGrain
{
    public Task<FactoryView> GetTwinAsync() => KnownAsync(path => Grid.GetFactoryAsync(path.Factory, CancellationToken.None));

    public async Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize) =>
        [.. await KnownAsync(path => Grid.GetStatisticsAsync(path, from, to, windowSize, CancellationToken.None))];

    public async Task<Flag[]> GetOpenFlagsAsync() => [.. (await GetTwinAsync()).Flags];

    public async Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action) => (await GetOpenFlagsAsync()).Any(f => f.Id == flag)
        ? await Grid.ChangeAlarmAsync(flag, action, CancellationToken.None)
        : new AlarmAnswer(AlarmOutcome.UnknownFlag, null);

    public Task SubscribeAsync(ILiveWatcher watcher) => Watchers.SubscribeAsync(this.GetPrimaryKeyString(), watcher, GetTwinAsync);

    public Task UnsubscribeAsync(ILiveWatcher watcher) => Watchers.UnsubscribeAsync(watcher);
}
