namespace SensorGrid.Core.Flags;

/// <summary>What people do about a flag.</summary>
public enum AlarmAction
{
    /// <summary>Somebody has seen it. Takes it off the shelf too.</summary>
    Acknowledge,

    /// <summary>It is not to bother anybody for as long as it lasts.</summary>
    Shelve,

    /// <summary>It is done with, though what was flagged may last.</summary>
    Clear,
}
