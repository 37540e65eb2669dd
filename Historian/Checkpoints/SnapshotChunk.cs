namespace SensorGrid.Historian.Checkpoints;

/// <summary>The twins of some sensors of a partition: their state, opaque to SQL, and their tails, which SQL reads too.</summary>
public sealed record SnapshotChunk(int Number, ReadOnlyMemory<byte> State, ReadOnlyMemory<byte> Tails);
