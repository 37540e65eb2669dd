namespace SensorGrid.Grains.Placement;

/// <summary>A grain whose key is a silo's address lives on that silo.</summary>
[GenerateSerializer]
internal sealed class SiloPlacement : PlacementStrategy
{
    public static readonly SiloPlacement Instance = new();
}
