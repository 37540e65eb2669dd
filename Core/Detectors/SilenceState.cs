namespace SensorGrid.Core.Detectors;

public struct SilenceState
{
    internal long Last;

    /// <summary>The typical interval between readings (its median), in microseconds.</summary>
    internal float Typical;

    /// <summary>The longest interval that is usual, in microseconds; forgotten over a week.</summary>
    internal float Longest;

    /// <summary>Readings seen, at most 65,535.</summary>
    internal ushort Readings;

    internal byte Open;
}
