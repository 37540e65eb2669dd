namespace SensorGrid.Cli.Simulation;

internal enum FaultKind
{
    /// <summary>Far off for a few readings.</summary>
    Spike,

    /// <summary>Another mean from one reading to the next.</summary>
    LevelShift,

    /// <summary>Off by more and more.</summary>
    Drift,

    /// <summary>The last value again and again.</summary>
    StuckValue,

    /// <summary>No readings.</summary>
    DropOut,

    /// <summary>Beyond the normal range.</summary>
    LimitExceeded,
}
