namespace SensorGrid.Bench.Replays;

/// <param name="Sensors">Of the one factory, with a day of readings each.</param>
/// <param name="Rounds">Of each measurement, after one that warms up.</param>
internal sealed record ReplayOptions(int Sensors, int Rounds, int Seed, IReadOnlyList<string> Program);
