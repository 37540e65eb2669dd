using SensorGrid.Core.Flags;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="Flag"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct FlagSurrogate
{
    [Id(0)]
    public string Id;

    [Id(1)]
    public string Path;

    [Id(2)]
    public string Detector;

    [Id(3)]
    public byte Severity;

    [Id(4)]
    public long From;

    [Id(5)]
    public long? To;

    [Id(6)]
    public double Score;

    [Id(7)]
    public byte State;

    [Id(8)]
    public bool Backfilled;

    [Id(9)]
    public long? Acknowledged;
}
