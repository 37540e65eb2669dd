using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>What a replay made of a twin, to be compared with the live one.</summary>
/// <param name="Sensor">Its id; the complement of the id of any of its sensors where it is a machine's.</param>
/// <param name="Counters">Nothing where it is a machine's.</param>
/// <param name="Last">The time of its last reading; a machine's watermark.</param>
/// <param name="DigestUnjudged">The digest before silence was judged at the end; of a machine nothing.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct ReplayedTwin(
    [property: Id(0)] int Sensor, [property: Id(1)] Counters Counters, [property: Id(2)] long Last, [property: Id(3)] byte[] Digest,
    [property: Id(4)] byte[] DigestUnjudged);
