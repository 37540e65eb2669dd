using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How an <see cref="AlarmAnswer"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct AlarmAnswerSurrogate
{
    [Id(0)]
    public byte Outcome;

    [Id(1)]
    public Flag? Flag;
}
