namespace SensorGrid.Cli.Replaying;

internal sealed record ReplayWindowCounts(int Rows, bool Truncated);
