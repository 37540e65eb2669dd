namespace SensorGrid.Faults.Tests;

/// <summary>What a twin's counters must be.</summary>
internal sealed record SensorCounters(Bounds Readings, Bounds Duplicates, Bounds Late, Bounds Corrections)
{
    public bool IsExact => Readings.IsExact && Duplicates.IsExact && Late.IsExact && Corrections.IsExact;

    public static SensorCounters operator +(SensorCounters a, SensorCounters b) =>
        new(a.Readings + b.Readings, a.Duplicates + b.Duplicates, a.Late + b.Late, a.Corrections + b.Corrections);
}
