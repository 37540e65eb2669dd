using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Windows;

internal static class WindowAssert
{
    public static byte[] Packed(WindowStatistics window)
    {
        var bytes = new byte[window.PackedBound];
        return bytes[..window.WriteTo(bytes)];
    }

    public static byte[] Packed(QuantileSketch sketch)
    {
        var bytes = new byte[sketch.PackedBound];
        return bytes[..sketch.WriteTo(bytes)];
    }

    public static WindowStatistics Of(IEnumerable<Reading> readings)
    {
        var window = new WindowStatistics();
        foreach (var reading in readings)
        {
            window.Add(reading);
        }
        return window;
    }

    /// <summary>The window is what a plain computation over its readings gives.</summary>
    public static void Describes(IReadOnlyCollection<Reading> readings, WindowStatistics window)
    {
        var usable = readings.Where(r => r.IsUsable).ToList();
        var values = usable.Select(r => r.Value).ToList();
        Assert.Equal(readings.Count, window.Count);
        Assert.Equal(readings.Count(r => r.Quality == Quality.Good), window.GoodCount);
        Assert.Equal(usable.Count, window.UsableCount);
        Assert.Equal(usable.Count, window.Sketch.Count);
        if (usable.Count == 0)
        {
            Assert.All(
                [window.Mean, window.Min, window.Max, window.FirstValue, window.LastValue, window.TimeWeightedMean, window.StandardDeviation, window.Quantile(0.5)],
                value => Assert.True(double.IsNaN(value)));
            return;
        }
        Assert.Equal(values.Min(), window.Min);
        Assert.Equal(values.Max(), window.Max);
        Assert.Equal((usable[0].Time, usable[0].Value), (window.FirstTime, window.FirstValue));
        Assert.Equal((usable[^1].Time, usable[^1].Value), (window.LastTime, window.LastValue));
        var magnitude = values.Max(Math.Abs);
        Near(Exact.Sum(values), window.Sum, 1e-15 * values.Sum(Math.Abs));
        Near(Exact.Mean(values), window.Mean, 1e-15 * magnitude);
        Near(Exact.TimeWeightedMean(usable), window.TimeWeightedMean, 1e-13 * magnitude);
        Assert.Equal(usable[^1].Time - usable[0].Time, window.WeightedDuration);
        if (usable.Count > 1)
        {
            var deviation = Exact.StandardDeviation(values);
            Near(deviation, window.StandardDeviation, (1e-12 * deviation) + (1e-14 * magnitude));
        }
        else
        {
            Assert.True(double.IsNaN(window.StandardDeviation));
        }
        QuantilesHold(values, window.Quantile);
    }

    /// <summary>Quantiles are within 1 % of the order statistic, or 2.6e-18 of the largest magnitude of its sign.</summary>
    public static void QuantilesHold(IReadOnlyCollection<double> values, Func<double, double> quantile)
    {
        var sorted = values.Order().ToList();
        foreach (var q in new[] { 0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1 })
        {
            var exact = sorted[(int)(q * (sorted.Count - 1))];
            var largest = exact < 0 ? -sorted[0] : exact > 0 ? sorted[^1] : 0;
            Near(exact, quantile(q), (QuantileSketch.RelativeError * Math.Abs(exact)) + (2.6e-18 * largest));
        }
    }

    public static void Near(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"{actual:R} is not within {tolerance:R} of {expected:R}");
}
