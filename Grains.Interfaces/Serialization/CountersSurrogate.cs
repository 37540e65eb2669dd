using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="Counters"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct CountersSurrogate
{
    [Id(0)]
    public long Readings;

    [Id(1)]
    public long Duplicates;

    [Id(2)]
    public long Late;

    [Id(3)]
    public long Corrections;
}
