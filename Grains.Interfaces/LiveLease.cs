namespace SensorGrid.Grains;

/// <summary>An observer's hold on a partition, which lasts for ten seconds from each time that it is asked for.</summary>
/// <param name="Turn">That of the silo that reads the partition.</param>
/// <param name="IsNew">Whether it begins now: what happened before was not told.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct LiveLease([property: Id(0)] long Turn, [property: Id(1)] bool IsNew);
