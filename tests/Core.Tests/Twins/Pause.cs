namespace SensorGrid.Core.Tests.Twins;

/// <summary>What a host does between two readings.</summary>
public enum Pause
{
    None,

    /// <summary>A request ends.</summary>
    Request,

    Checkpoint,

    /// <summary>Late readings are merged into the history, and what they touched is put right.</summary>
    Restate,

    /// <summary>A clean stop and a start.</summary>
    Restart,

    /// <summary>An end without saving anything, and a start.</summary>
    Kill,
}
