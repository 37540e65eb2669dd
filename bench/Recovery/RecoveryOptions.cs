namespace SensorGrid.Bench.Recovery;

internal sealed record RecoveryOptions(IReadOnlyList<int> Sensors, int Rounds, int LoadSeconds, int Senders, int Lines, int Seed, IReadOnlyList<string> Program);
