namespace SensorGrid.Grains.Placement;

/// <summary>Partitions lie evenly over the silos; the grains of machines and sensors on the silo that reads their partition.</summary>
[GenerateSerializer]
internal sealed class PartitionPlacement : PlacementStrategy
{
    public static readonly PartitionPlacement Instance = new();
}
