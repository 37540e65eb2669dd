using SensorGrid.Core.Flags;
using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="ComparedFlag"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct ComparedFlagSurrogate
{
    [Id(0)]
    public FlagOutcome Outcome;

    [Id(1)]
    public Flag? Replayed;

    [Id(2)]
    public Flag? Live;
}
