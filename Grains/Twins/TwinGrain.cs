using Orleans.Runtime.Placement;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;

namespace SensorGrid.Grains.Twins;

/// <summary>A grain that applies readings to its twin, which its partition on the same silo keeps and saves.</summary>
/// <param name="length">The number of the path's parts.</param>
internal abstract class TwinGrain<TView>(int length, IGrid grid, GridEngine engine, TwinGrains twins) : PathGrain<TView>(length, grid), ITwinGrain, ITwinSeat
    where TView : class
{
    private TaskScheduler? _turns;
    private object? _seat;
    private long _calledAt;

    public TaskScheduler Turns => _turns ?? throw new InvalidOperationException("The grain has not been asked to take its seat.");

    public GrainId Id => this.GetGrainId();

    public ref long CalledAt => ref _calledAt;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Stand();
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    public Task ApplyAsync(TwinReadings readings)
    {
        readings.Apply();
        return Task.CompletedTask;
    }

    public Task<bool> SitAsync()
    {
        _turns = TaskScheduler.Current;
        if (Path is { } path && TrySit(path))
        {
            return Task.FromResult(true);
        }
        Stand();
        // To who calls: were it just to go, calls from where its old place is remembered would make it come here again, and again.
        if (RequestContext.Get(IPlacementDirector.PlacementHintKey) is SiloAddress wanted && !wanted.Equals(GrainContext.Address.SiloAddress))
        {
            MigrateOnIdle();
        }
        else
        {
            DeactivateOnIdle();
        }
        return Task.FromResult(false);
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    // False where the partition is not here, or the path unknown.
    private bool TrySit(GridPath path)
    {
        var machine = engine.Catalog.Find(path.Factory, path.Machine!);
        object? twin = path.Sensor is { } sensor ? machine?.Find(sensor) : machine;
        if (twin is null)
        {
            return false;
        }
        twins.Sit(_seat = twin, this);
        // Not before it sits: a partition that leaves looks at the seats.
        return engine.Owned[machine!.Partition] is not null;
    }

    private void Stand()
    {
        if (_seat is not null)
        {
            twins.Stand(_seat, this);
        }
    }
}
