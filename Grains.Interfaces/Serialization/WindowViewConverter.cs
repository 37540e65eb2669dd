using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class WindowViewConverter : IConverter<WindowView, WindowViewSurrogate>
{
    public WindowView ConvertFromSurrogate(in WindowViewSurrogate surrogate) =>
        new(surrogate.Size, surrogate.Start, surrogate.Closed, surrogate.Count, surrogate.GoodCount, surrogate.Sum, surrogate.Mean, surrogate.Min, surrogate.Max, surrogate.StandardDeviation, surrogate.First, surrogate.Last, surrogate.TimeWeightedMean, surrogate.P50, surrogate.P95, surrogate.P99);

    public WindowViewSurrogate ConvertToSurrogate(in WindowView value) => new()
    {
        Size = value.Size,
        Start = value.Start,
        Closed = value.Closed,
        Count = value.Count,
        GoodCount = value.GoodCount,
        Sum = value.Sum,
        Mean = value.Mean,
        Min = value.Min,
        Max = value.Max,
        StandardDeviation = value.StandardDeviation,
        First = value.First,
        Last = value.Last,
        TimeWeightedMean = value.TimeWeightedMean,
        P50 = value.P50,
        P95 = value.P95,
        P99 = value.P99,
    };
}
