using SensorGrid.Core.Twins;

namespace SensorGrid.Engine.Partitions;

/// <summary>Actors of twins, on whose turns what the twins get is applied. Every member may be called from any thread.</summary>
internal interface ITwinActors
{
    BatchPace Pace { get; }

    /// <summary>Gives readings to the sensor's actor, which applies them soon; false where it has none here now: one is called for then.</summary>
    bool TryGive(SensorBatch batch);

    /// <inheritdoc cref="TryGive(SensorBatch)"/>
    bool TryGive(MachineBatch batch);

    /// <summary>Calls for the actor of a twin that is new.</summary>
    void Call(SensorTwin twin);

    /// <summary>Some actors did not take in time what they were given.</summary>
    void Miss(IReadOnlyCollection<SensorBatch> sensors, IReadOnlyCollection<MachineBatch> machines);

    /// <summary>The twins of a partition live elsewhere from now on.</summary>
    void Leave(Partition partition);
}
