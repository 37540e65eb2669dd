using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="DamagedHistoryException"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct DamagedHistorySurrogate
{
    [Id(0)]
    public string Path;

    [Id(1)]
    public long From;

    [Id(2)]
    public long To;

    [Id(3)]
    public int Readings;

    [Id(4)]
    public string Reason;
}
