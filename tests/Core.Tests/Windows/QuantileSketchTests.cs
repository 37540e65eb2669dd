using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Windows;

public sealed class QuantileSketchTests
{
    public static TheoryData<string> Distributions =>
        ["normal", "uniform", "exponential", "log-normal", "pareto", "two humps", "integers", "both signs", "geometric", "constant", "mostly zero"];

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Quantiles_are_within_one_percent(string distribution)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, 5_000).Select(i => Draw(random, distribution, i)).ToList();
            WindowAssert.QuantilesHold(values, Of(values).Quantile);
        }
    }

    [Fact]
    public void Any_finite_double_is_within_one_percent() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(20_000),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
            {
                var value = BitConverter.Int64BitsToDouble(new Random(seed).NextInt64(long.MinValue, long.MaxValue));
                return !double.IsFinite(value) || IsWithinBound(value);
            }));

    // The bounds of a bucket are where its error is greatest: all 35 of an octave, both sides of each.
    [Theory]
    [InlineData(-1022)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1023)]
    public void Both_bounds_of_every_bucket_are_within_one_percent(int octave)
    {
        var lower = Math.ScaleB(1, octave);
        var last = Math.BitDecrement(Math.ScaleB(1, octave + 1));
        last = double.IsFinite(last) ? last : double.MaxValue;
        var buckets = 0;
        double worst = 0;
        while (lower <= last)
        {
            var answer = Of([lower]).Quantile(0);
            var upper = LastOfBucket(lower, last, answer);
            worst = Math.Max(worst, Math.Max(Math.Abs(answer - lower) / lower, Math.Abs(answer - upper) / upper));
            lower = Math.BitIncrement(upper);
            buckets++;
        }
        Assert.Equal(35, buckets);
        Assert.InRange(worst, 0.0099, 0.0099997);
    }

    [Fact]
    public void Below_the_normal_doubles_a_quantum_is_added_to_the_bound()
    {
        for (long bits = 1; bits < 5_000; bits++)
        {
            var answer = BitConverter.DoubleToInt64Bits(Of([BitConverter.Int64BitsToDouble(bits)]).Quantile(0));
            Assert.True(Math.Abs(answer - bits) * 100 <= bits + 100, $"{bits} quanta gave {answer}");
        }
    }

    [Fact]
    public void Merging_in_any_order_and_grouping_gives_the_same_bytes() =>
        Run.ForAll((run, random) =>
        {
            var values = run.Usable.Select(r => r.Value).ToArray();
            var expected = Of(values);
            random.Shuffle(values);
            var sketches = new List<QuantileSketch>();
            for (var from = 0; from < values.Length;)
            {
                var to = random.Next(from, values.Length) + 1;
                sketches.Add(Of(values[from..to]));
                from = to;
            }
            sketches.Add(new QuantileSketch());
            while (sketches.Count > 1)
            {
                var i = random.Next(sketches.Count);
                var other = sketches[i];
                sketches.RemoveAt(i);
                sketches[random.Next(sketches.Count)].Merge(other);
            }
            Assert.Equal(WindowAssert.Packed(expected), WindowAssert.Packed(sketches[0]));
            Assert.True(expected.Equals(sketches[0]));
            Assert.Equal(expected.GetHashCode(), sketches[0].GetHashCode());
        });

    [Fact]
    public void Beyond_its_buckets_only_what_is_nearest_to_zero_collapses()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 20_000)
            .Select(_ => (random.Next(2) == 0 ? -1 : 1) * Math.ScaleB(1 + random.NextDouble(), random.Next(-1000, 1000)))
            .ToArray();
        var sketch = Of(values);
        WindowAssert.QuantilesHold(values, sketch.Quantile);
        Assert.InRange(WindowAssert.Packed(sketch).Length, 1, 4096 * 3);
        var small = new QuantileSketch();
        small.Add(1e-300);
        sketch.Merge(small);
        small.Merge(Of(values));
        Assert.Equal(WindowAssert.Packed(small), WindowAssert.Packed(sketch));
    }

    [Fact]
    public void Packing_keeps_everything() =>
        Run.ForAll((run, _) =>
        {
            var sketch = Of(run.Usable.Select(r => r.Value));
            var packed = WindowAssert.Packed(sketch);
            var copy = Of([1, -1, 0, 1e300]);
            Assert.Equal(packed.Length, copy.Read([.. packed, 1, 2, 3]));
            Assert.True(copy.Equals(sketch));
            Assert.Equal(sketch.Count, copy.Count);
            Assert.Equal(packed, WindowAssert.Packed(copy));
        });

    [Fact]
    public void Damaged_bytes_are_refused_or_read_and_leave_it_usable() =>
        Run.ForAll((run, random) =>
        {
            var packed = WindowAssert.Packed(Of(run.Usable.Select(r => r.Value)));
            var sketch = new QuantileSketch();
            for (var i = 0; i < 20; i++)
            {
                var damaged = packed[..random.Next(packed.Length + 1)];
                if (damaged.Length > 0 && i % 2 == 0)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }
                if (i % 2 == 1 && damaged.Length < packed.Length)
                {
                    Assert.Throws<InvalidDataException>(() => sketch.Read(damaged));
                }
                else
                {
                    var fault = Record.Exception(() => sketch.Read(damaged));
                    Assert.True(fault is null or InvalidDataException, fault?.ToString());
                }
            }
            sketch.Read(packed);
            Assert.Equal(packed, WindowAssert.Packed(sketch));
        });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_not_finite_is_refused(double value)
    {
        var sketch = new QuantileSketch();
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.Add(value));
        Assert.Equal(0, sketch.Count);
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void Only_quantiles_from_0_to_1_can_be_asked(double q) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Of([1]).Quantile(q));

    [Fact]
    public void A_cleared_sketch_equals_a_new_one()
    {
        var sketch = Of([1, 2, -3, 0, 1e-9, double.Epsilon, double.MaxValue, double.MinValue]);
        sketch.Clear();
        Assert.True(sketch.Equals(new QuantileSketch()));
        Assert.True(double.IsNaN(sketch.Quantile(0.5)));
        sketch.Add(1e-5);
        Assert.True(sketch.Equals(Of([1e-5])));
        Assert.False(sketch.Equals(Of([1e-4])));
    }

    private static QuantileSketch Of(IEnumerable<double> values)
    {
        var sketch = new QuantileSketch();
        foreach (var value in values)
        {
            sketch.Add(value);
        }
        return sketch;
    }

    private static bool IsWithinBound(double value)
    {
        var answer = Of([value]).Quantile(0.5);
        return Math.Abs(answer - value) <= (0.01 * Math.Abs(value)) + (Math.Abs(value) < 2.3e-308 ? double.Epsilon : 0);
    }

    private static double LastOfBucket(double lower, double last, double answer)
    {
        var inside = BitConverter.DoubleToInt64Bits(lower);
        var outside = BitConverter.DoubleToInt64Bits(last) + 1;
        while (outside - inside > 1)
        {
            var middle = inside + ((outside - inside) / 2);
            if (Of([BitConverter.Int64BitsToDouble(middle)]).Quantile(0) == answer)
            {
                inside = middle;
            }
            else
            {
                outside = middle;
            }
        }
        return BitConverter.Int64BitsToDouble(inside);
    }

    private static double Draw(Random random, string distribution, int i)
    {
        var uniform = random.NextDouble() + 1e-12;
        var normal = Math.Sqrt(-2 * Math.Log(uniform)) * Math.Cos(2 * Math.PI * random.NextDouble());
        return distribution switch
        {
            "normal" => normal,
            "uniform" => uniform,
            "exponential" => -Math.Log(uniform),
            "log-normal" => Math.Exp(3 * normal),
            "pareto" => Math.Pow(uniform, -2),
            "two humps" => i % 2 == 0 ? 1e-6 * (1 + uniform) : -1e6 + normal,
            "integers" => random.Next(-20, 2_000),
            "both signs" => normal * Math.Exp(10 * random.NextDouble()),
            "geometric" => Math.Pow(1.0202, i % 1_900),
            "constant" => 0.1,
            _ => i % 50 == 0 ? normal : 0,
        };
    }
}
