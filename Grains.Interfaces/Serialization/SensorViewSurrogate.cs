using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="SensorView"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct SensorViewSurrogate
{
    [Id(0)]
    public string Path;

    [Id(1)]
    public string Kind;

    [Id(2)]
    public Reading? Last;

    [Id(3)]
    public WindowView[] Windows;

    [Id(4)]
    public Flag[] Flags;

    [Id(5)]
    public Counters Counters;
}
