using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="StatisticsSeries"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct StatisticsSeriesSurrogate
{
    [Id(0)]
    public string Kind;

    [Id(1)]
    public int Sensors;

    [Id(2)]
    public WindowView[] Rows;
}
