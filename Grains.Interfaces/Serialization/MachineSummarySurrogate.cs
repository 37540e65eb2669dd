using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="MachineSummary"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct MachineSummarySurrogate
{
    [Id(0)]
    public string Name;

    [Id(1)]
    public int Sensors;

    [Id(2)]
    public long? LastTime;

    [Id(3)]
    public int OpenFlags;
}
