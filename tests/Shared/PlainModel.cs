using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using Xunit.Sdk;

namespace SensorGrid.Tests;

/// <summary>What the grid must answer, computed the plain way: a dictionary of distinct readings, the last written of each time.</summary>
internal sealed class PlainModel
{
    private readonly Dictionary<string, SortedDictionary<long, Reading>> _sensors = [];

    public IEnumerable<string> Paths => _sensors.Keys;

    public bool Has(string path) => _sensors.ContainsKey(path);

    public int Count => _sensors.Values.Sum(s => s.Count);

    /// <returns>What was there for the same time before; null where nothing was.</returns>
    public Reading? Write(string path, in Reading reading)
    {
        if (!_sensors.TryGetValue(path, out var readings))
        {
            _sensors[path] = readings = [];
        }
        Reading? before = readings.TryGetValue(reading.Time, out var known) ? known : null;
        readings[reading.Time] = reading;
        return before;
    }

    public IReadOnlyCollection<Reading> Readings(string path) => _sensors[path].Values;

    /// <summary>Fails where the rows are not the windows of the sensor's readings.</summary>
    public void AssertWindows(string path, long size, IReadOnlyList<WindowView> rows)
    {
        var expected = _sensors[path].Values.GroupBy(r => r.Time / size * size).OrderBy(g => g.Key).ToArray();
        Assert.Equal(expected.Select(g => g.Key), rows.Select(r => r.Start));
        for (var i = 0; i < rows.Count; i++)
        {
            try
            {
                AssertWindow([.. expected[i]], rows[i]);
            }
            catch (XunitException wrong)
            {
                throw new XunitException($"window of {size / EventTime.Second} s at {EventTime.Format(rows[i].Start)}: {wrong.Message}");
            }
        }
    }

    public static void AssertWindow(Reading[] readings, WindowView row)
    {
        AssertNumbers(readings, row);
        AssertQuantiles(readings, row);
    }

    /// <summary>All but the quantiles of a sensor's window, whose readings are in time order.</summary>
    public static void AssertNumbers(Reading[] readings, WindowView row)
    {
        AssertPooledNumbers(readings, row);
        var usable = Usable(readings);
        Assert.Equal(usable.Length == 0 ? null : usable[0].Value, row.First);
        Assert.Equal(usable.Length == 0 ? null : usable[^1].Value, row.Last);
        if (usable.Length > 0)
        {
            AssertClose(TimeWeightedMean(usable), row.TimeWeightedMean, usable.Max(r => Math.Abs(r.Value)));
        }
    }

    /// <summary>What does not depend on the order of the readings, which may be of several sensors, but for the quantiles.</summary>
    public static void AssertPooledNumbers(Reading[] readings, WindowView row)
    {
        Assert.Equal(readings.Length, row.Count);
        Assert.Equal(readings.Count(r => r.Quality == Quality.Good), row.GoodCount);
        var values = Usable(readings).Select(r => r.Value).ToArray();
        if (values.Length == 0)
        {
            Assert.Null(row.Sum);
            Assert.Null(row.Mean);
            Assert.Null(row.Min);
            Assert.Null(row.Max);
            return;
        }
        Assert.Equal(values.Min(), row.Min);
        Assert.Equal(values.Max(), row.Max);
        var sum = Sum(values);
        var scale = Math.Max(Sum(values.Select(Math.Abs)), double.Epsilon);
        var mean = sum / values.Length;
        AssertClose(sum, row.Sum, scale);
        AssertClose(mean, row.Mean, scale / values.Length);
        if (values.Length > 1)
        {
            var variance = Sum(values.Select(v => (v - mean) * (v - mean))) / (values.Length - 1);
            AssertClose(Math.Sqrt(variance), row.StandardDeviation, values.Max(Math.Abs));
        }
        else
        {
            Assert.Null(row.StandardDeviation);
        }
    }

    public static void AssertQuantiles(Reading[] readings, WindowView row)
    {
        var sorted = Usable(readings).Select(r => r.Value).Order().ToArray();
        AssertQuantile(sorted, 0.5, row.P50);
        AssertQuantile(sorted, 0.95, row.P95);
        AssertQuantile(sorted, 0.99, row.P99);
    }

    private static Reading[] Usable(Reading[] readings) => [.. readings.Where(r => r.Quality != Quality.Bad)];

    private static double TimeWeightedMean(Reading[] usable)
    {
        if (usable.Length == 1)
        {
            return usable[0].Value;
        }
        var integral = Sum(usable.Zip(usable.Skip(1), (reading, next) => reading.Value * (next.Time - reading.Time)));
        return integral / (usable[^1].Time - usable[0].Time);
    }

    // Neumaier's compensated sum: off by no more than a rounding or two, whatever the number of values.
    private static double Sum(IEnumerable<double> values)
    {
        double sum = 0, lost = 0;
        foreach (var value in values)
        {
            var next = sum + value;
            lost += Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
            sum = next;
        }
        return sum + lost;
    }

    // Within the sketch's 1 % of an order statistic next to the quantile's rank.
    private static void AssertQuantile(double[] sorted, double q, double? actual)
    {
        if (sorted.Length == 0)
        {
            Assert.Null(actual);
            return;
        }
        // As documented: what is that far below the largest shares one bucket.
        var lowest = (2.6e-18 * Math.Max(Math.Abs(sorted[0]), Math.Abs(sorted[^1]))) + double.Epsilon;
        var rank = q * (sorted.Length - 1);
        var around = new[] { sorted[(int)Math.Floor(rank)], sorted[(int)Math.Ceiling(rank)] };
        Assert.NotNull(actual);
        Assert.True(
            Array.Exists(around, v => Math.Abs(v - actual.Value) <= (0.01 * Math.Abs(v)) + lowest),
            $"quantile {q} is {actual}, the values there are {string.Join(" and ", around)}");
    }

    private static void AssertClose(double expected, double? actual, double scale)
    {
        Assert.NotNull(actual);
        Assert.True(Math.Abs(expected - actual.Value) <= 1e-9 * scale, $"{actual} is not {expected} within 1e-9 of {scale}");
    }
}
