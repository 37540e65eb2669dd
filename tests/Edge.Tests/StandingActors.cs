using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

/// <summary>Actors that take what they are given and never do it.</summary>
internal sealed class StandingActors(BatchPace pace) : ITwinActors
{
    private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BatchPace Pace => pace;

    /// <summary>Whether a twin has one.</summary>
    public bool HasAny { get; init; } = true;

    /// <summary>Completes when one has been given something.</summary>
    public Task Given => _given.Task;

    public bool TryGive(SensorBatch batch) => TryGive();

    public bool TryGive(MachineBatch batch) => TryGive();

    public void Call(SensorTwin twin)
    {
    }

    public void Miss(IReadOnlyCollection<SensorBatch> sensors, IReadOnlyCollection<MachineBatch> machines)
    {
    }

    public void Leave(Partition partition)
    {
    }

    private bool TryGive()
    {
        _given.TrySetResult();
        return HasAny;
    }
}
