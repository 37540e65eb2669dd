using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>Durations in microseconds of event time.</summary>
public sealed record SilenceSettings
{
    /// <summary>A fixed threshold, from the first reading on; null: learnt from the sensor.</summary>
    public long? After { get; init; }

    /// <summary>The learnt threshold in units of the sensor's typical interval between readings.</summary>
    public double Multiple { get; init; } = 10;

    /// <summary>The least learnt threshold.</summary>
    public long AtLeast { get; init; } = EventTime.Minute;

    public Severity Severity { get; init; } = Severity.Warning;
}
