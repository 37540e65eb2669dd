using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="ReplayView"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct ReplayViewSurrogate
{
    [Id(0)]
    public string Id;

    [Id(1)]
    public ReplayRequest Request;

    [Id(2)]
    public ReplayState State;

    [Id(3)]
    public double Percent;

    [Id(4)]
    public int Sensors;

    [Id(5)]
    public int SensorsDone;

    [Id(6)]
    public long Readings;

    [Id(7)]
    public TimeSpan Elapsed;

    [Id(8)]
    public string? Fault;

    [Id(9)]
    public ReplaySummary? Summary;
}
