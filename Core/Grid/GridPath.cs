namespace SensorGrid.Core.Grid;

/// <summary>A factory, one of its machines, or one of that machine's sensors.</summary>
public readonly record struct GridPath(string Factory, string? Machine = null, string? Sensor = null)
{
    public override string ToString() => Machine is null ? Factory : Sensor is null ? $"{Factory}/{Machine}" : $"{Factory}/{Machine}/{Sensor}";
}
