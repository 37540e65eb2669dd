namespace SensorGrid.Core.Detectors;

public struct SpikeState
{
    /// <summary>Where the signal is now; stands still during an excursion.</summary>
    internal double Level;
    internal double Previous;

    /// <summary>The first reading of the excursion.</summary>
    internal long From;

    /// <summary>The first reading after the last spike that counted.</summary>
    internal long Back;

    /// <summary>The median distance from the level.</summary>
    internal float Mad;

    /// <summary>The 0.99 quantile of the distance from the level.</summary>
    internal float Tail;

    /// <summary>The highest z of the excursion.</summary>
    internal float Peak;

    /// <summary>The z of spikes that are usual, as of <see cref="Back"/>.</summary>
    internal float Usual;

    /// <summary>The score of the open flag; 0 where none is open.</summary>
    internal float Told;

    /// <summary>Changed readings seen, at most 65,535.</summary>
    internal ushort Readings;

    /// <summary>Readings of the excursion so far; 0 outside one.</summary>
    internal byte Width;

    /// <summary>Changed readings until flags may rise again after a step.</summary>
    internal byte Settling;
}
