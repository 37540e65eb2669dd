using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Twins;

/// <summary>A roll-up that travels as bytes is the same at the other end.</summary>
public sealed class RollUpPackingTests
{
    private const int Cases = 300;

    private static readonly WindowSizes Sizes = WindowSizes.Default;
    private static readonly double[] Edges = [-0.0, 0, double.MaxValue, double.Epsilon, 1e300, -1e-300, 1.0 / 3];
    private static readonly string[] Names = ["temperature-1", "temperature-2", "vibration-1", "Druck:é", "x"];

    private static readonly Arbitrary<int> Seeds = Arb.From(Gen.Choose(0, int.MaxValue - 1));

    [Fact]
    public void Its_views_stay_bit_for_bit_and_so_do_its_bytes() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Seeds, seed =>
    {
        var rollUp = Any(seed, "m1");
        var packed = rollUp.Pack();
        var unpacked = RollUp.Unpack(packed, Sizes);
        Assert.Equal(Describe(rollUp), Describe(unpacked));
        Assert.Equal(packed, unpacked.Pack());
    }));

    [Fact]
    public void Added_to_another_one_it_gives_what_the_original_gives() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Seeds, seed =>
    {
        RollUp[] machines = [Any(seed, "m1"), Any(seed ^ 1, "m2"), Any(seed ^ 2, "m3")];
        var (here, there) = (new RollUp(Sizes), new RollUp(Sizes));
        foreach (var machine in machines)
        {
            here.Add(machine);
            there.Add(RollUp.Unpack(machine.Pack(), Sizes));
        }
        Assert.Equal(Describe(here), Describe(there));
    }));

    [Fact]
    public void Bytes_that_are_cut_off_are_refused()
    {
        var packed = Any(7, "m1").Pack();
        for (var length = 0; length < packed.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => RollUp.Unpack(packed.AsSpan(0, length), Sizes));
        }
    }

    // Sensors at times of their own, some with readings of bad quality only.
    private static RollUp Any(int seed, string machine)
    {
        var random = new Random(seed);
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        var context = new TwinContext(new NoSink(), Sizes, SealPolicy.Default);
        var rollUp = new RollUp(Sizes);
        foreach (var name in Names.Take(random.Next(Names.Length + 1)))
        {
            var twin = new SensorTwin(catalog.Resolve("f"u8, System.Text.Encoding.UTF8.GetBytes(machine), System.Text.Encoding.UTF8.GetBytes(name), out _) ?? catalog.Resolve("f"u8, "m"u8, "other"u8, out _)!, DetectorSet.Empty);
            var time = 1_700_000_000_000_000 + random.NextInt64(EventTime.Hour);
            for (var left = random.Next(60); left > 0; left--)
            {
                time += random.NextInt64(1, random.Next(10) == 0 ? 4 * EventTime.Hour : 20 * EventTime.Second);
                twin.Apply(new Reading(time, random.Next(4) == 0 ? Edges[random.Next(Edges.Length)] : Math.Round(random.NextDouble() * 100, 2), (Quality)random.Next(3)), context);
            }
            rollUp.Add(twin, context);
        }
        return rollUp;
    }

    private static string Describe(RollUp rollUp) => string.Join(
        '\n', rollUp.ToViews().SelectMany(kind => kind.Windows.Select(window => $"{kind.Kind} {kind.Sensors} {Describe(window)}").Prepend($"{kind.Kind} {kind.Sensors}")));

    private static string Describe(WindowView w)
    {
        double?[] numbers = [w.Sum, w.Mean, w.Min, w.Max, w.StandardDeviation, w.First, w.Last, w.TimeWeightedMean, w.P50, w.P95, w.P99];
        var bits = numbers.Select(n => n is { } number ? BitConverter.DoubleToInt64Bits(number).ToString("X", System.Globalization.CultureInfo.InvariantCulture) : "null");
        return $"{w.Size} {w.Start} {w.Closed} {w.Count} {w.GoodCount} {string.Join(' ', bits)}";
    }

    private sealed class NoSink : ITwinSink
    {
        public void Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
        {
        }

        public void Late(SensorTwin twin, in Reading reading)
        {
        }

        public void Closed(SensorTwin twin, int level, WindowStatistics window)
        {
        }

        public void Flagged(SensorTwin twin, in FlagChange change)
        {
        }

        public void Flagged(MachineTwin machine, in FlagChange change)
        {
        }
    }
}
