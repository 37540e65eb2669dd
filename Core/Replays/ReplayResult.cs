namespace SensorGrid.Core.Replays;

/// <param name="Flags">Oldest beginning first.</param>
/// <param name="Statistics">Of each replayed sensor with readings, in the order of their paths; empty where no window size was asked for.</param>
public sealed record ReplayResult(IReadOnlyList<ComparedFlag> Flags, IReadOnlyList<ReplayedStatistics> Statistics);
