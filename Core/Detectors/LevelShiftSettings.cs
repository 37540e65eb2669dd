using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

public sealed record LevelShiftSettings
{
    /// <summary>The CUSUM's decision interval, in standard deviations of block means.</summary>
    public double Threshold { get; init; } = 5;

    /// <summary>The CUSUM's allowance: a shift of less than this many standard deviations of block means never adds up.</summary>
    public double Slack { get; init; } = 2;

    /// <summary>The least length of a block, in microseconds of event time.</summary>
    public long Block { get; init; } = EventTime.Minute;

    /// <summary>The least readings of a block.</summary>
    public int Readings { get; init; } = 8;

    /// <summary>Blocks before the first flag; a fifth as many of the long blocks for their first.</summary>
    public int WarmUp { get; init; } = 120;

    /// <summary>How long a new level stays flagged before it is taken for normal, in microseconds of event time.</summary>
    public long Accept { get; init; } = EventTime.Hour;

    public Severity Severity { get; init; } = Severity.Warning;
}
