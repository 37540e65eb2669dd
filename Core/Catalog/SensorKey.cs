namespace SensorGrid.Core.Catalog;

/// <summary>Where a sensor's readings go: its id (dense, from 0) and the partition of its machine.</summary>
public readonly record struct SensorKey(int Id, int Partition);
