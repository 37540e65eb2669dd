using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Detectors;

/// <summary>Limits in the sensor's unit, LL &lt; L &lt; H &lt; HH where given; delays in microseconds of event time.</summary>
public sealed record LimitSettings
{
    public double? LowLow { get; init; }

    public double? Low { get; init; }

    public double? High { get; init; }

    public double? HighHigh { get; init; }

    /// <summary>How far inside the limits a value must be to count as back; never more than a third of the room between them.</summary>
    public double Deadband { get; init; }

    /// <summary>How long a value must be beyond a limit before the flag opens.</summary>
    public long OnDelay { get; init; }

    /// <summary>How long a value must be back before the flag closes.</summary>
    public long OffDelay { get; init; }

    /// <summary>Beyond L or H.</summary>
    public Severity Severity { get; init; } = Severity.Warning;

    /// <summary>Beyond LL or HH.</summary>
    public Severity OuterSeverity { get; init; } = Severity.Alarm;
}
