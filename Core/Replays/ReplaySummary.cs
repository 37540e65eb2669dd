namespace SensorGrid.Core.Replays;

/// <summary>What a replay came to.</summary>
/// <param name="Outcomes">How many flags of each outcome, by <see cref="FlagOutcome"/>.</param>
/// <param name="FlagsTruncated">There were more flags, replayed or live, than a replay keeps: the comparison lacks some.</param>
/// <param name="Windows">Rows of statistics kept.</param>
/// <param name="WindowsTruncated">There were more.</param>
/// <param name="Digest">SHA-256 of the paths and snapshots of all twins in the order of their paths, as 64 hexadecimal digits.</param>
/// <param name="SameAsLive">Sensors, and machines replayed as a whole, whose replayed twin is the live one, byte by byte.</param>
/// <param name="UnlikeLive">Those whose replayed twin is not, though the live one took the same readings in the same order.</param>
public sealed record ReplaySummary(
    IReadOnlyList<int> Outcomes, bool FlagsTruncated, int Windows, bool WindowsTruncated, string Digest, int SameAsLive, int UnlikeLive);
