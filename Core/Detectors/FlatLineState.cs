namespace SensorGrid.Core.Detectors;

public struct FlatLineState
{
    internal double Value;
    internal long Since;

    /// <summary>A running mean of the size of moves.</summary>
    internal float Move;

    /// <summary>The longest stand-still that is usual, in readings; slowly forgotten.</summary>
    internal float Longest;

    /// <summary>Readings since the last move, that one included.</summary>
    internal int Run;

    /// <summary>A running mean of the runs, in 1/256 of a reading.</summary>
    internal ushort MeanRun;

    /// <summary>Moves seen, at most 255.</summary>
    internal byte Moves;

    internal FlatLineStatus Status;
}
