namespace SensorGrid.Core.Detectors;

/// <summary>What is known of a signal's block means at one block length.</summary>
public struct LevelShiftScale
{
    /// <summary>The level that block means are compared with.</summary>
    internal double Level;

    /// <summary>The sum, over the block so far, of the distances from the level.</summary>
    internal float Sum;

    /// <summary>The standard deviation of block means about the level.</summary>
    internal float Spread;

    /// <summary>The two sums of Page's test.</summary>
    internal float Up;
    internal float Down;

    /// <summary>The size of shifts that are usual, in the sensor's unit; slowly forgotten.</summary>
    internal float Usual;

    /// <summary>Values in the block so far.</summary>
    internal ushort Count;

    /// <summary>Blocks seen, at most 65,535.</summary>
    internal ushort Blocks;
}
