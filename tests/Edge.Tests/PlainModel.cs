using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Tests;

/// <summary>What the grid must answer, computed the plain way: a dictionary of distinct readings, the last written of each time.</summary>
internal sealed class PlainModel
{
    private readonly Dictionary<string, SortedDictionary<long, Reading>> _sensors = [];

    public IEnumerable<string> Paths => _sensors.Keys;

    public int Count => _sensors.Values.Sum(s => s.Count);

    public void Write(string path, in Reading reading)
    {
        if (!_sensors.TryGetValue(path, out var readings))
        {
            _sensors[path] = readings = [];
        }
        readings[reading.Time] = reading;
    }

    public IReadOnlyCollection<Reading> Readings(string path) => _sensors[path].Values;

    /// <summary>Fails where the rows are not the windows of the sensor's readings.</summary>
    public void AssertWindows(string path, long size, IReadOnlyList<WindowView> rows)
    {
        var expected = _sensors[path].Values.GroupBy(r => r.Time / size * size).OrderBy(g => g.Key).ToArray();
        Assert.Equal(expected.Select(g => g.Key), rows.Select(r => r.Start));
        for (var i = 0; i < rows.Count; i++)
        {
            AssertWindow([.. expected[i]], rows[i]);
        }
    }

    private static void AssertWindow(Reading[] readings, WindowView row)
    {
        Assert.Equal(readings.Length, row.Count);
        Assert.Equal(readings.Count(r => r.Quality == Quality.Good), row.GoodCount);
        var usable = readings.Where(r => r.Quality != Quality.Bad).ToArray();
        if (usable.Length == 0)
        {
            Assert.Null(row.Sum);
            Assert.Null(row.Mean);
            Assert.Null(row.First);
            return;
        }
        var values = usable.Select(r => r.Value).ToArray();
        Assert.Equal(values.Min(), row.Min);
        Assert.Equal(values.Max(), row.Max);
        Assert.Equal(values[0], row.First);
        Assert.Equal(values[^1], row.Last);
        var sum = Sum(values);
        var scale = Math.Max(Sum(values.Select(Math.Abs)), double.Epsilon);
        var mean = sum / values.Length;
        AssertClose(sum, row.Sum, scale);
        AssertClose(mean, row.Mean, scale / values.Length);
        AssertClose(TimeWeightedMean(usable), row.TimeWeightedMean, values.Max(Math.Abs));
        if (values.Length > 1)
        {
            var variance = Sum(values.Select(v => (v - mean) * (v - mean))) / (values.Length - 1);
            AssertClose(Math.Sqrt(variance), row.StandardDeviation, values.Max(Math.Abs));
        }
        else
        {
            Assert.Null(row.StandardDeviation);
        }
        AssertQuantile(values, 0.5, row.P50);
        AssertQuantile(values, 0.95, row.P95);
        AssertQuantile(values, 0.99, row.P99);
    }

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
    private static void AssertQuantile(double[] values, double q, double? actual)
    {
        var sorted = values.Order().ToArray();
        var rank = q * (sorted.Length - 1);
        var around = new[] { sorted[(int)Math.Floor(rank)], sorted[(int)Math.Ceiling(rank)] };
        Assert.NotNull(actual);
        Assert.True(
            Array.Exists(around, v => Math.Abs(v - actual.Value) <= (0.01 * Math.Abs(v)) + 1e-12),
            $"quantile {q} is {actual}, the values there are {string.Join(" and ", around)}");
    }

    private static void AssertClose(double expected, double? actual, double scale)
    {
        Assert.NotNull(actual);
        Assert.True(Math.Abs(expected - actual.Value) <= 1e-9 * scale, $"{actual} is not {expected} within 1e-9 of {scale}");
    }
}
