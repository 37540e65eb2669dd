namespace SensorGrid.Bench.Cluster;

/// <summary>A write until it was answered with success.</summary>
/// <param name="Took">All tries, and the waits between them.</param>
/// <param name="Tries">From 1 on.</param>
internal readonly record struct RetriedWrite(TimeSpan Took, int Tries);
