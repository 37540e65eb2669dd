namespace SensorGrid.Core.Grid;

/// <summary>What happened to a sensor's readings, or to those of all sensors below a machine or factory.</summary>
/// <param name="Readings">All that came, duplicates and corrections included.</param>
/// <param name="Duplicates">The same value again for a (sensor, time): no effect.</param>
/// <param name="Late">Older than one already applied to the sensor.</param>
/// <param name="Corrections">Another value for a (sensor, time): the last written wins.</param>
public readonly record struct Counters(long Readings, long Duplicates, long Late, long Corrections)
{
    public static Counters operator +(Counters a, Counters b) =>
        new(a.Readings + b.Readings, a.Duplicates + b.Duplicates, a.Late + b.Late, a.Corrections + b.Corrections);
}
