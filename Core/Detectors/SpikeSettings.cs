using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

public sealed record SpikeSettings
{
    /// <summary>The robust z-score from which a value is an outlier.</summary>
    public double Threshold { get; init; } = 6;

    /// <summary>How many readings a spike lasts at most; a longer excursion is no spike.</summary>
    public int Width { get; init; } = 5;

    /// <summary>Changed readings before the first flag.</summary>
    public int WarmUp { get; init; } = 200;

    /// <summary>How long there must be no further spike before the flag closes, in microseconds of event time.</summary>
    public long Hold { get; init; } = EventTime.Minute;

    /// <summary>How long past spikes count as usual, in microseconds of event time.</summary>
    public long Memory { get; init; } = 7 * EventTime.Day;

    public Severity Severity { get; init; } = Severity.Warning;
}
