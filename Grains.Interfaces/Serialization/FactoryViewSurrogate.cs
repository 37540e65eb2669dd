using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="FactoryView"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct FactoryViewSurrogate
{
    [Id(0)]
    public string Path;

    [Id(1)]
    public MachineSummary[] Machines;

    [Id(2)]
    public KindRollUp[] Kinds;

    [Id(3)]
    public Flag[] Flags;

    [Id(4)]
    public Counters Counters;
}
