using System.Globalization;

namespace SensorGrid.Cli.Simulation;

/// <summary>Says that a fault begins.</summary>
internal sealed record FaultNotice(DateTimeOffset Time, string Path, FaultKind Kind, TimeSpan Duration)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} fault injected: {Path} {Words} for {Core.Readings.Duration.Format(Duration)}");

    private string Words => Kind switch
    {
        FaultKind.LevelShift => "level shift",
        FaultKind.StuckValue => "stuck value",
        FaultKind.DropOut => "drop-out",
        FaultKind.LimitExceeded => "limit exceeded",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
