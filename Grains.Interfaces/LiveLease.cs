namespace SensorGrid.Grains;

/// <summary>An observer's hold on a partition, which lasts for ten seconds from each time that it is asked for.</summary>
/// <param name="Turn">That of the silo that reads the partition.</param>
/// <param name="Number">Its own in this turn; another one than the time before begins now: what happened before was not told. An answer that was lost on its way is
/// found out by it too. 0 where nothing is told.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct LiveLease([property: Id(0)] long Turn, [property: Id(1)] long Number);
