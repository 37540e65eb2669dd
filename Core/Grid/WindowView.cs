namespace SensorGrid.Core.Grid;

/// <summary>
/// The statistics of one window. <see cref="Count"/> is over all readings, the rest over good and uncertain ones; a number is null where no
/// usable reading (for <see cref="StandardDeviation"/>: fewer than two) fell into the window or the result is not finite.
/// </summary>
/// <param name="Size">Microseconds.</param>
/// <param name="Start">Microseconds since 1970.</param>
/// <param name="Closed">Whether a later reading has closed the window; an open one goes on changing.</param>
public sealed record WindowView(
    long Size,
    long Start,
    bool Closed,
    long Count,
    long GoodCount,
    double? Sum,
    double? Mean,
    double? Min,
    double? Max,
    double? StandardDeviation,
    double? First,
    double? Last,
    double? TimeWeightedMean,
    double? P50,
    double? P95,
    double? P99);
