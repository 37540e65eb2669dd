namespace SensorGrid.Historian.Checkpoints;

/// <summary>How many chunks a partition's snapshot has, of its sensors' twins and of its machines'.</summary>
public readonly record struct ChunkCounts(int OfSensors, int OfMachines);
