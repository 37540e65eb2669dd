using SensorGrid.Engine.Partitions;

namespace SensorGrid.Grains.Twins;

/// <summary>Readings on their way from a partition to a grain on its silo. To another silo only the partition's number goes, and there nothing is applied.</summary>
[GenerateSerializer, Immutable]
internal sealed class TwinReadings(int partition, TwinBatch? batch)
{
    [Id(0)]
    private readonly int _partition = partition;

    [NonSerialized]
    private readonly TwinBatch? _batch = batch;

    public void Apply() => _batch?.Apply();

    public override string ToString() => $"readings of partition {_partition}";
}
