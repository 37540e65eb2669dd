using SensorGrid.Core.Readings;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="Reading"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct ReadingSurrogate
{
    [Id(0)]
    public long Time;

    [Id(1)]
    public double Value;

    [Id(2)]
    public byte Quality;
}
