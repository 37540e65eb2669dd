using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="WindowView"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct WindowViewSurrogate
{
    [Id(0)]
    public long Size;

    [Id(1)]
    public long Start;

    [Id(2)]
    public bool Closed;

    [Id(3)]
    public long Count;

    [Id(4)]
    public long GoodCount;

    [Id(5)]
    public double? Sum;

    [Id(6)]
    public double? Mean;

    [Id(7)]
    public double? Min;

    [Id(8)]
    public double? Max;

    [Id(9)]
    public double? StandardDeviation;

    [Id(10)]
    public double? First;

    [Id(11)]
    public double? Last;

    [Id(12)]
    public double? TimeWeightedMean;

    [Id(13)]
    public double? P50;

    [Id(14)]
    public double? P95;

    [Id(15)]
    public double? P99;
}
