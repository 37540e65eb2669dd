namespace SensorGrid.Cli.Replaying;

/// <summary>How many flags of each outcome.</summary>
internal sealed record ReplayFlagCounts(int Same, int Moved, int Gained, int Lost, int Clock, bool Truncated);
