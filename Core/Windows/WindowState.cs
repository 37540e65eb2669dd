namespace SensorGrid.Core.Windows;

/// <summary>
/// What window statistics consist of besides start, size and sketch: the columns of a stored window. Mean and standard deviation
/// follow from them. Where <paramref name="UsableCount"/> is 0, everything after it is 0.
/// </summary>
/// <param name="Count">All readings.</param>
/// <param name="UsableCount">Good and uncertain readings, which all that follows is over.</param>
/// <param name="Sum">Of the values, as summed in doubles.</param>
/// <param name="Compensation">What rounding took from <paramref name="Sum"/>: to be added to it.</param>
/// <param name="M2">Sum of squared differences from the mean.</param>
/// <param name="FirstTime">Microseconds since 1970-01-01 UTC.</param>
/// <param name="LastTime">Microseconds since 1970-01-01 UTC.</param>
/// <param name="WeightedIntegral">Integral of the step function less <paramref name="FirstValue"/>, value times microseconds.</param>
/// <param name="WeightedDuration">Microseconds that the integral is over.</param>
public readonly record struct WindowState(
    long Count,
    long GoodCount,
    long UsableCount,
    double Sum,
    double Compensation,
    double M2,
    double Min,
    double Max,
    long FirstTime,
    double FirstValue,
    long LastTime,
    double LastValue,
    double WeightedIntegral,
    long WeightedDuration);
