namespace SensorGrid.Bench.Cluster;

/// <summary>What the death of a silo came to, all times from the signal.</summary>
/// <param name="Partitions">That it held.</param>
/// <param name="Dead">Until Orleans' membership called it dead.</param>
/// <param name="Others">Until a new reading was seen in each partition that it did not hold.</param>
/// <param name="All">Until that was so in every partition.</param>
/// <param name="Longest">The load's write that took longest.</param>
/// <param name="Writes">Of the load.</param>
/// <param name="Repeated">Those that took more than one try.</param>
/// <param name="Rate">Readings a second before it.</param>
internal sealed record KillRound(int Partitions, TimeSpan Dead, TimeSpan Others, TimeSpan All, RetriedWrite Longest, int Writes, int Repeated, double Rate);
