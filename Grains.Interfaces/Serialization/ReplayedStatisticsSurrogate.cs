using SensorGrid.Core.Grid;
using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="ReplayedStatistics"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct ReplayedStatisticsSurrogate
{
    [Id(0)]
    public string Path;

    [Id(1)]
    public WindowView[] Rows;
}
