namespace SensorGrid.Grains.Twins;

/// <summary>A grain of a sensor or machine that sits beside its partition. Any thread.</summary>
internal interface ITwinSeat
{
    /// <summary>Runs tasks on turns of the grain.</summary>
    TaskScheduler Turns { get; }

    /// <summary>Of the grain.</summary>
    GrainId Id { get; }

    /// <summary>The timestamp of its last call; kept by who calls it.</summary>
    ref long CalledAt { get; }
}
