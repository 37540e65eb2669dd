using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Windows;

public sealed class WindowStatisticsTests
{
    [Fact]
    public void All_statistics_are_what_a_plain_computation_gives() =>
        Run.ForAll((run, _) => WindowAssert.Describes(run.Readings, WindowAssert.Of(run.Readings)));

    [Fact]
    public void Appending_stretches_in_any_grouping_gives_what_all_at_once_gives() =>
        Run.ForAll((run, random) =>
        {
            var stretches = new List<WindowStatistics> { new() };
            for (var from = 0; from < run.Readings.Length;)
            {
                var to = random.Next(from, Math.Min(from + 20, run.Readings.Length)) + 1;
                stretches.Add(WindowAssert.Of(run.Readings[from..to]));
                from = to;
            }
            while (stretches.Count > 1)
            {
                var i = random.Next(stretches.Count - 1);
                stretches[i].Append(stretches[i + 1]);
                stretches.RemoveAt(i + 1);
            }
            WindowAssert.Describes(run.Readings, stretches[0]);
            Assert.True(stretches[0].Sketch.Equals(WindowAssert.Of(run.Readings).Sketch));
        });

    [Fact]
    public void Pooling_sensors_adds_their_readings_durations_and_integrals() =>
        Run.ForAll((run, random) =>
        {
            var sensors = run.Readings.GroupBy(_ => random.Next(4)).Select(g => g.ToArray()).ToList();
            var pool = new WindowStatistics();
            foreach (var sensor in sensors)
            {
                pool.Pool(WindowAssert.Of(sensor));
            }
            var whole = WindowAssert.Of(run.Readings);
            Assert.Equal((whole.Count, whole.GoodCount, whole.UsableCount), (pool.Count, pool.GoodCount, pool.UsableCount));
            Assert.True(pool.Sketch.Equals(whole.Sketch));
            if (whole.UsableCount == 0)
            {
                return;
            }
            var usable = run.Usable;
            var values = usable.Select(r => r.Value).ToList();
            var magnitude = values.Max(Math.Abs);
            Assert.Equal((whole.Min, whole.Max, whole.FirstTime, whole.LastTime), (pool.Min, pool.Max, pool.FirstTime, pool.LastTime));
            Assert.Contains(usable, r => r.Time == pool.FirstTime && r.Value == pool.FirstValue);
            Assert.Contains(usable, r => r.Time == pool.LastTime && r.Value == pool.LastValue);
            WindowAssert.Near(Exact.Sum(values), pool.Sum, 1e-15 * values.Sum(Math.Abs));
            WindowAssert.Near(Exact.Mean(values), pool.Mean, 1e-15 * magnitude);
            var parts = sensors.Select(WindowAssert.Of).Where(w => w.WeightedDuration > 0).ToList();
            Assert.Equal(parts.Sum(w => w.WeightedDuration), pool.WeightedDuration);
            if (parts.Count > 0)
            {
                var expected = parts.Sum(w => w.TimeWeightedMean * w.WeightedDuration) / pool.WeightedDuration;
                WindowAssert.Near(expected, pool.TimeWeightedMean, 1e-13 * magnitude);
            }
        });

    [Fact]
    public void Pooling_is_the_same_both_ways_bit_for_bit() =>
        Run.ForAll((run, random) =>
        {
            var cut = random.Next(run.Readings.Length + 1);
            var left = WindowAssert.Of(run.Readings[..cut]);
            var right = WindowAssert.Of(run.Readings[cut..]);
            var one = new WindowStatistics();
            one.Pool(left);
            one.Pool(right);
            right.Pool(left);
            Assert.Equal(WindowAssert.Packed(one), WindowAssert.Packed(right));
        });

    [Fact]
    public void Of_first_readings_at_the_same_time_the_smaller_value_is_pooled()
    {
        var pool = WindowAssert.Of([new Reading(5, 3), new Reading(9, 1)]);
        pool.Pool(WindowAssert.Of([new Reading(5, 2), new Reading(9, 4)]));
        Assert.Equal((2.0, 1.0), (pool.FirstValue, pool.LastValue));
        Assert.Equal(8, pool.WeightedDuration);
        Assert.Equal(2.5, pool.TimeWeightedMean);
    }

    [Fact]
    public void Packing_keeps_every_bit() =>
        Run.ForAll((run, random) =>
        {
            var window = new WindowStatistics(run.Readings.Length == 0 ? 0 : run.Readings[0].Time - 7, EventTime.Day);
            window.Append(WindowAssert.Of(run.Readings));
            if (random.Next(2) == 0)
            {
                window.Pool(WindowAssert.Of(run.Readings[..(run.Readings.Length / 2)]));
            }
            var packed = WindowAssert.Packed(window);
            var copy = WindowAssert.Of([new Reading(1, -4e9), new Reading(3, 8)]);
            Assert.Equal(packed.Length, copy.Read(window.Start, window.Size, [.. packed, 9]));
            AssertSame(window, copy);
        });

    [Fact]
    public void Columns_keep_every_bit() =>
        Run.ForAll((run, _) =>
        {
            var window = new WindowStatistics(EventTime.Hour, EventTime.Minute);
            window.Append(WindowAssert.Of(run.Readings));
            var copy = WindowAssert.Of([new Reading(1, -4e9)]);
            copy.Restore(window.Start, window.Size, window.State, WindowAssert.Packed(window.Sketch));
            AssertSame(window, copy);
        });

    [Fact]
    public void Columns_that_contradict_the_sketch_are_refused()
    {
        var window = WindowAssert.Of([new Reading(1, 2), new Reading(2, 3)]);
        var sketch = WindowAssert.Packed(window.Sketch);
        Assert.Throws<InvalidDataException>(() => window.Restore(0, 10, window.State with { UsableCount = 1 }, sketch));
        window.Reset(0, 10);
        Assert.Equal(WindowAssert.Packed(new WindowStatistics(0, 10)), WindowAssert.Packed(window));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e308)]
    [InlineData(-1e-310)]
    [InlineData(-0.0)]
    public void A_constant_has_itself_for_mean_and_no_deviation(double value)
    {
        var readings = Enumerable.Range(0, 1000).Select(i => new Reading(i * 7, value)).ToList();
        var window = WindowAssert.Of(readings);
        window.Append(WindowAssert.Of(readings.Select(r => new Reading(r.Time + 10_000, value))));
        Assert.Equal(value, window.TimeWeightedMean);
        Assert.Equal(value, window.Quantile(0.5));
        if (Math.Abs(value) < 1e300)
        {
            Assert.Equal(value, window.Mean);
            Assert.Equal(0, window.StandardDeviation);
        }
        else
        {
            Assert.False(double.IsFinite(window.Sum));
            Assert.False(double.IsFinite(window.Mean));
        }
    }

    [Fact]
    public void The_largest_doubles_do_not_throw_and_keep_what_can_be_said()
    {
        double[] values = [double.MaxValue, double.MinValue, 1e308, -1e308, double.Epsilon, 0, double.MaxValue, double.MaxValue, double.MinValue];
        var readings = values.Select((v, i) => new Reading(i * EventTime.Hour, v)).ToList();
        var window = WindowAssert.Of(readings);
        var appended = WindowAssert.Of(readings[..4]);
        appended.Append(WindowAssert.Of(readings[4..]));
        var pooled = WindowAssert.Of(readings[..4]);
        pooled.Pool(WindowAssert.Of(readings[4..]));
        foreach (var each in new[] { window, appended, pooled })
        {
            Assert.Equal((double.MinValue, double.MaxValue, 9), (each.Min, each.Max, each.UsableCount));
            WindowAssert.Near(double.MinValue, each.Quantile(0), double.MaxValue / 100);
            WindowAssert.Near(double.MaxValue, each.Quantile(1), double.MaxValue / 100);
            Assert.False(double.IsFinite(each.StandardDeviation));
            var copy = new WindowStatistics();
            copy.Read(each.Start, each.Size, WindowAssert.Packed(each));
            Assert.Equal(WindowAssert.Packed(each), WindowAssert.Packed(copy));
        }
    }

    [Fact]
    public void A_value_that_is_not_finite_counts_as_bad()
    {
        var window = WindowAssert.Of([new Reading(1, double.NaN), new Reading(2, 5), new Reading(3, double.PositiveInfinity)]);
        Assert.Equal((3, 1, 1), (window.Count, window.GoodCount, window.UsableCount));
        Assert.Equal(5, window.Mean);
    }

    [Fact]
    public void A_large_offset_does_not_drown_a_small_deviation()
    {
        var window = WindowAssert.Of(Enumerable.Range(0, 100_000).Select(i => new Reading(i, 1e9 + (i % 2))));
        WindowAssert.Near(Math.Sqrt(0.25 * 100_000 / 99_999), window.StandardDeviation, 1e-9);
        Assert.Equal(1e9 + 0.5, window.Mean);
    }

    private static void AssertSame(WindowStatistics expected, WindowStatistics actual)
    {
        Assert.Equal((expected.Start, expected.Size, expected.End), (actual.Start, actual.Size, actual.End));
        Assert.Equal(expected.State, actual.State);
        Assert.Equal(expected.Mean, actual.Mean);
        Assert.Equal(WindowAssert.Packed(expected), WindowAssert.Packed(actual));
    }
}
