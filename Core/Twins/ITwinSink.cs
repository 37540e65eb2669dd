using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>Takes what a sensor's twin gives off. Called on the thread that applies the readings; spans and windows are valid during the call only.</summary>
public interface ITwinSink
{
    /// <summary>These readings, in time order and newer than all sealed before, leave the twin's memory for good: as many as a tail holds or, of a run applied at once, more.</summary>
    void Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings);

    /// <summary>A reading older than the tail, which no detector judges: the history has to take it in, and stored windows that hold its time are no longer true.</summary>
    void Late(SensorTwin twin, in Reading reading);

    /// <summary>A late reading, new or a correction, found its place in the tail. No detector judges it.</summary>
    void Inserted(SensorTwin twin, in Reading reading)
    {
    }

    /// <summary>A window closed with all its readings sealed. Where it begins at or before the twin's <see cref="SensorTwin.LateUntil"/> it lacks late ones.</summary>
    void Closed(SensorTwin twin, int level, WindowStatistics window);

    void Flagged(SensorTwin twin, in FlagChange change);

    void Flagged(MachineTwin machine, in FlagChange change);
}
