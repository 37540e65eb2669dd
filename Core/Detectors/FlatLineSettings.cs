using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

public sealed record FlatLineSettings
{
    /// <summary>How long the value must stand still, in microseconds of event time.</summary>
    public long After { get; init; } = 5 * EventTime.Minute;

    /// <summary>How many readings must say so.</summary>
    public int Readings { get; init; } = 30;

    /// <summary>A move of at most this, in the sensor's unit, is none.</summary>
    public double Tolerance { get; init; }

    /// <summary>Watch sensors that have not shown that they vary, too.</summary>
    public bool Always { get; init; }

    public Severity Severity { get; init; } = Severity.Warning;
}
