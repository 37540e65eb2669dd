namespace SensorGrid.Historian.Restating;

/// <summary>What late readings of a sensor turned out to be when they were merged: those that were not new.</summary>
public readonly record struct LateCount(int Sensor, long Duplicates, long Corrections);
