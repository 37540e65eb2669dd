using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="ReplaySummary"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct ReplaySummarySurrogate
{
    [Id(0)]
    public int[] Outcomes;

    [Id(1)]
    public bool FlagsTruncated;

    [Id(2)]
    public int Windows;

    [Id(3)]
    public bool WindowsTruncated;

    [Id(4)]
    public string Digest;

    [Id(5)]
    public int SameAsLive;

    [Id(6)]
    public int UnlikeLive;
}
