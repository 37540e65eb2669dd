namespace SensorGrid.Core.Replays;

/// <summary>What replays may take.</summary>
/// <param name="Unfinished">Replays that run or wait; one more is refused.</param>
/// <param name="Ended">Ended replays that are kept; the oldest is forgotten for another.</param>
/// <param name="Flags">Flags that a replay compares: so many replayed and so many live ones.</param>
/// <param name="Windows">Rows of statistics that a replay keeps.</param>
public sealed record ReplayLimits(int Unfinished = 4, int Ended = 8, int Flags = 50_000, int Windows = 100_000)
{
    /// <summary>How long an ended replay is kept.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromHours(1);
}
