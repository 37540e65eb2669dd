namespace SensorGrid.Core.Detectors;

public struct LevelShiftState
{
    internal LevelShiftScale Short;
    internal LevelShiftScale Long;

    /// <summary>The first reading of the short block.</summary>
    internal long BlockFrom;

    /// <summary>Where the open flag began.</summary>
    internal long From;

    /// <summary>Which scale holds the flag open: 1 the short blocks, 2 the long ones; 0 none.</summary>
    internal byte Open;

    internal byte Started;
}
