using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="MachineView"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct MachineViewSurrogate
{
    [Id(0)]
    public string Path;

    [Id(1)]
    public long? LastTime;

    [Id(2)]
    public SensorSummary[] Sensors;

    [Id(3)]
    public KindRollUp[] Kinds;

    [Id(4)]
    public Flag[] Flags;

    [Id(5)]
    public Counters Counters;
}
