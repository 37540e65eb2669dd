using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class StatisticsSeriesConverter : IConverter<StatisticsSeries, StatisticsSeriesSurrogate>
{
    public StatisticsSeries ConvertFromSurrogate(in StatisticsSeriesSurrogate surrogate) =>
        new(surrogate.Kind, surrogate.Sensors, surrogate.Rows);

    public StatisticsSeriesSurrogate ConvertToSurrogate(in StatisticsSeries value) => new()
    {
        Kind = value.Kind,
        Sensors = value.Sensors,
        Rows = [.. value.Rows],
    };
}
