namespace SensorGrid.Cli.Replaying;

/// <summary>What a replay came to.</summary>
internal sealed record ReplayOutcome(ReplayFlagCounts Flags, ReplayWindowCounts Windows, string Digest, int SameAsLive, int UnlikeLive);
