using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class ReplayedStatisticsConverter : IConverter<ReplayedStatistics, ReplayedStatisticsSurrogate>
{
    public ReplayedStatistics ConvertFromSurrogate(in ReplayedStatisticsSurrogate surrogate) =>
        new(surrogate.Path, surrogate.Rows);

    public ReplayedStatisticsSurrogate ConvertToSurrogate(in ReplayedStatistics value) => new()
    {
        Path = value.Path,
        Rows = [.. value.Rows],
    };
}
