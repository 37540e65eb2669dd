using Orleans.Runtime.Placement;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Twins;

/// <summary>A grain that applies readings to its twin, which its partition on the same silo keeps and saves.</summary>
/// <param name="length">The number of the path's parts.</param>
internal abstract class TwinGrain<TView>(int length, IGrid grid) : PathGrain<TView>(length, grid), ITwinGrain, ITwinSeat
    where TView : class
{
    private TaskScheduler? _turns;
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

    /// <summary>Takes the seat; false where the partition is not here, or the path unknown.</summary>
    protected abstract bool TrySit(GridPath path);

    /// <summary>Leaves the seat, if it has one.</summary>
    protected abstract void Stand();
}
