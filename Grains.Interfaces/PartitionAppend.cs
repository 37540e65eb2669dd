namespace SensorGrid.Grains;

/// <summary>Readings for one of several partitions of a silo.</summary>
[GenerateSerializer]
[Immutable]
public sealed record PartitionAppend([property: Id(0)] int Partition, [property: Id(1)] LogAppend Append);
