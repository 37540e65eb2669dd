namespace SensorGrid.Grains;

/// <summary>What happened in a partition since the batch before, in order.</summary>
/// <param name="Turn">That of the silo that reads the partition: it grows with each move.</param>
/// <param name="IsLast">The partition is about to move: what follows is told by another silo, once it is asked to.</param>
[GenerateSerializer]
[Immutable]
public sealed record LiveBatch([property: Id(0)] long Turn, [property: Id(1)] LiveItem[] Items, [property: Id(2)] bool IsLast);
