namespace SensorGrid.Core.Catalog;

/// <summary>How many sensors may be registered, so that a source of random names cannot fill the memory.</summary>
public sealed record CatalogLimits(int SensorsPerMachine = 10_000, int Sensors = 2_000_000)
{
    public static readonly CatalogLimits Default = new();
}
