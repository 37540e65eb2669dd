namespace SensorGrid.Faults.Tests;

/// <summary>What a twin's counters must be.</summary>
internal sealed record SensorCounters(Bounds Readings, Bounds Duplicates, Bounds Late, Bounds Corrections);
