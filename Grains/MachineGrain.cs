using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains;

/// <summary>A machine: hears the readings of all its sensors for its twin, which its partition keeps and saves, and gives each sensor its own.</summary>
[PartitionPlacement]
internal sealed class MachineGrain(IGrid grid, GridEngine engine, TwinGrains twins) : PathGrain(2, grid), IMachineGrain, IMachineTwinGrain
{
    private Machine? _seat;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_seat is not null)
        {
            twins.Stand(_seat);
        }
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    public Task<MachineView> GetTwinAsync() => KnownAsync(path => Grid.GetMachineAsync(path.Factory, path.Machine!, CancellationToken.None));

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
        if (Path is { } path && engine.Catalog.Find(path.Factory, path.Machine!) is { } machine && engine.Owned[machine.Partition] is not null)
        {
            twins.Sit(_seat = machine, GrainFactory.GetGrain<IMachineTwinGrain>(this.GetGrainId()));
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
