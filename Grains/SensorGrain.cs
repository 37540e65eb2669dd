using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains;

/// <summary>A sensor: applies its readings to its twin, which its partition keeps and saves.</summary>
[PartitionPlacement]
internal sealed class SensorGrain(IGrid grid, GridEngine engine, TwinGrains twins) : PathGrain(3, grid), ISensorGrain, ISensorTwinGrain
{
    private Sensor? _seat;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_seat is not null)
        {
            twins.Stand(_seat);
        }
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    public Task<SensorView> GetTwinAsync() => KnownAsync(path => Grid.GetSensorAsync(path.Factory, path.Machine!, path.Sensor!, CancellationToken.None));

    public async Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize) =>
        [.. await KnownAsync(path => Grid.GetStatisticsAsync(path, from, to, windowSize, CancellationToken.None))];

    public async Task<Flag[]> GetOpenFlagsAsync() => [.. (await GetTwinAsync()).Flags];

    public async Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action) => (await GetOpenFlagsAsync()).Any(f => f.Id == flag)
        ? await Grid.ChangeAlarmAsync(flag, action, CancellationToken.None)
        : new AlarmAnswer(AlarmOutcome.UnknownFlag, null);

    public Task SubscribeAsync(ILiveWatcher watcher) => Watchers.SubscribeAsync(this.GetPrimaryKeyString(), watcher, GetTwinAsync);

    public Task UnsubscribeAsync(ILiveWatcher watcher) => Watchers.UnsubscribeAsync(watcher);

    public Task ApplyAsync(TwinReadings readings)
    {
        readings.Apply();
        return Task.CompletedTask;
    }

    public Task<bool> SitAsync()
    {
        if (Path is { } path && engine.Catalog.Find(path.Factory, path.Machine!)?.Find(path.Sensor!) is { } sensor && engine.Owned[sensor.Machine.Partition] is not null)
        {
            twins.Sit(_seat = sensor, GrainFactory.GetGrain<ISensorTwinGrain>(this.GetGrainId()));
            return Task.FromResult(true);
        }
        DeactivateOnIdle();
        return Task.FromResult(false);
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
