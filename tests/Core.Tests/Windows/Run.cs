using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Windows;

/// <summary>Readings of one sensor in the order of time, as FsCheck makes and shrinks them.</summary>
public sealed record Run(Reading[] Readings)
{
    private const long Start = 1_699_999_800_000_000;

    /// <summary>Values of many shapes, gaps from none to days, times at and beside window edges, all qualities.</summary>
    public static Arbitrary<Run> Any(int longest = 300) => Arb.From(
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from length in Gen.Choose(0, longest)
        select Make(new Random(seed), length),
        Shrink);

    public Reading[] Usable => [.. Readings.Where(r => r.IsUsable)];

    public override string ToString() =>
        string.Join("; ", Readings.Select(r => $"{r.Time - Start} {r.Value:R} {r.Quality}"));

    /// <summary>Checks a property of a run and a random number 400 times; a failure says the seed and the smallest run found.</summary>
    public static void ForAll(Action<Run, Random> property, int longest = 300) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(400),
            Prop.ForAll(Any(longest), Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), (run, seed) => property(run, new Random(seed))));

    private static Run Make(Random random, int length)
    {
        var shape = random.Next(8);
        var pace = random.Next(5);
        var badEvery = random.Next(1, 8);
        var readings = new Reading[length];
        var time = Start + random.NextInt64(EventTime.Day);
        for (var i = 0; i < length; i++)
        {
            var quality = random.Next(badEvery) == 0 ? (Quality)random.Next(3) : Quality.Good;
            readings[i] = new Reading(time, Value(random, shape, i), quality);
            time += Gap(random, pace, time);
        }
        return new Run(readings);
    }

    private static double Value(Random random, int shape, int i) => shape switch
    {
        0 => Math.Round(50 + (20 * Math.Sin(i / 30.0)) + random.NextDouble(), 2),
        1 => 0.1,
        2 => random.Next(-3, 4),
        3 => (random.NextDouble() - 0.5) * 1e6,
        4 => 1e9 + random.NextDouble(),
        5 => Math.ScaleB(random.NextDouble() - 0.5, random.Next(-200, 200)),
        6 => 1 / (random.NextDouble() + 1e-9),
        _ => random.Next(4) == 0 ? -0.0 : Math.Round(random.NextDouble() * 5, 4),
    };

    private static long Gap(Random random, int pace, long time) => pace switch
    {
        0 => EventTime.Second,
        1 => random.Next(3) * 100_000L,
        2 => random.NextInt64(5 * EventTime.Minute),
        3 => ToEdge(time, (random.Next(4) switch { 0 => 10, 1 => 60, 2 => 900, _ => 3600 }) * EventTime.Second) + random.Next(-1, 2),
        _ => random.Next(20) == 0 ? random.NextInt64(3 * EventTime.Day) : random.NextInt64(EventTime.Minute),
    };

    private static long ToEdge(long time, long size) => Math.Max(1, size - (time % size));

    private static IEnumerable<Run> Shrink(Run run)
    {
        for (var part = run.Readings.Length; part >= 1; part /= 2)
        {
            for (var from = 0; from + part <= run.Readings.Length; from += part)
            {
                yield return new Run([.. run.Readings[..from], .. run.Readings[(from + part)..]]);
            }
        }
    }
}
