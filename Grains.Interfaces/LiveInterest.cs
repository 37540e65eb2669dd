namespace SensorGrid.Grains;

/// <summary>What a silo wants to be told of a partition for one that watches there.</summary>
/// <param name="Watch">The silo's own number for it.</param>
/// <param name="Pattern"><c>factory/machine/sensor</c>, with * for any characters of a part.</param>
/// <param name="Room">How many sensors' twins it takes now.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct LiveInterest([property: Id(0)] int Watch, [property: Id(1)] string Pattern, [property: Id(2)] int Room);
