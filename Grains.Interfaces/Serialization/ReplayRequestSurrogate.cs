using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="ReplayRequest"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct ReplayRequestSurrogate
{
    [Id(0)]
    public string Path;

    [Id(1)]
    public long From;

    [Id(2)]
    public long To;

    [Id(3)]
    public long? Window;

    [Id(4)]
    public byte[]? Rules;
}
