using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="ReplayResult"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct ReplayResultSurrogate
{
    [Id(0)]
    public ComparedFlag[] Flags;

    [Id(1)]
    public ReplayedStatistics[] Statistics;
}
