using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>Rates in the sensor's unit per second, positive; durations in microseconds of event time.</summary>
public sealed record RateOfChangeSettings
{
    /// <summary>The fastest rise allowed.</summary>
    public double? Up { get; init; }

    /// <summary>The fastest fall allowed.</summary>
    public double? Down { get; init; }

    /// <summary>A rate is taken over at least this long.</summary>
    public long Span { get; init; } = 10 * EventTime.Second;

    /// <summary>The share of the maximum by which the rate must lie below it to count as back.</summary>
    public double Hysteresis { get; init; } = 0.2;

    /// <summary>How long the rate must be back before the flag closes.</summary>
    public long Hold { get; init; } = 30 * EventTime.Second;

    public Severity Severity { get; init; } = Severity.Warning;
}
