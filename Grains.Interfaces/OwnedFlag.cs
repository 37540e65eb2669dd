using SensorGrid.Core.Flags;

namespace SensorGrid.Grains;

/// <summary>A flag under the id of its sensor, or the complement of the id of any sensor of its machine where it is the machine's.</summary>
[GenerateSerializer]
[Immutable]
public readonly record struct OwnedFlag([property: Id(0)] int Owner, [property: Id(1)] Flag Flag);
