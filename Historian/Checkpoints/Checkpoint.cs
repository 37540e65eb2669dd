namespace SensorGrid.Historian.Checkpoints;

/// <summary>How far a partition's history and snapshots have come.</summary>
/// <param name="Position">The log position up to which they are durable.</param>
/// <param name="Revision">How many checkpoints the partition has had.</param>
/// <param name="Chunks">How many its snapshot has; null where an older program wrote it, or there is none.</param>
public readonly record struct Checkpoint(long Position, long Revision, ChunkCounts? Chunks);
