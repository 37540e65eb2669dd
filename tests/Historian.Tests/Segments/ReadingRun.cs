using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Tests.Segments;

/// <summary>Runs of one sensor's readings of every sort that the codecs tell apart; the case's name is in the failure.</summary>
public sealed record ReadingRun(string Times, string Values, string Qualities, int Seed, Reading[] Readings)
{
    private static readonly string[] TimeSorts = ["regular", "jitter", "gaps", "coarse", "any"];

    private static readonly string[] ValueSorts =
        ["decimals", "integers", "digits", "bits", "constant", "counter", "steps", "special", "walk", "negative zero", "large"];

    private static readonly string[] QualitySorts = ["good", "uncertain", "bad", "mixed", "mostly good"];

    public static Arbitrary<ReadingRun> Arbitrary(int maxCount)
    {
        var sizes = Gen.Frequency(
            (1, Gen.Constant(1)), (1, Gen.Constant(2)), (6, Gen.Choose(1, Math.Min(100, maxCount))), (1, Gen.Choose(1, maxCount)));
        var generator =
            from times in Gen.Elements(TimeSorts)
            from values in Gen.Elements(ValueSorts)
            from qualities in Gen.Elements(QualitySorts)
            from count in sizes
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select Of(times, values, qualities, count, seed);
        return Arb.From(generator);
    }

    public static ReadingRun Of(string times, string values, string qualities, int count, int seed)
    {
        var random = new Random(seed);
        var nextTime = TimesOf(times, random);
        var nextValue = ValuesOf(values, random);
        var readings = new Reading[count];
        for (var i = 0; i < count; i++)
        {
            readings[i] = new Reading(nextTime(i), nextValue(i), QualityOf(qualities, random));
        }
        return new ReadingRun(times, values, qualities, seed, readings);
    }

    public override string ToString() => $"{Readings.Length} readings, times {Times}, values {Values}, quality {Qualities}, seed {Seed}";

    private static Func<int, long> TimesOf(string sort, Random random)
    {
        var start = random.NextInt64(EventTime.Max / 2);
        var step = random.NextInt64(1, 1L << random.Next(1, 36));
        var time = start;
        return sort switch
        {
            "regular" => i => start + (i * step),
            "jitter" => i => start + (i * 1_000_000L) + random.Next(900_000),
            "gaps" => i => time += random.Next(20) == 0 ? 1_000_000L * random.Next(2, 100) : 1_000_000L,
            "coarse" => i => time += 1000L * random.Next(1, 50),
            _ => i => time += random.NextInt64(1, 1L << random.Next(1, 38)),
        };
    }

    private static Func<int, double> ValuesOf(string sort, Random random)
    {
        var places = random.Next(0, 16);
        var scale = Math.Pow(10, places);
        var any = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        var level = Math.Round(random.NextDouble() * 1000, Math.Min(places, 8));
        double[] specials =
        [
            0.0, -0.0, double.NaN, BitConverter.Int64BitsToDouble(unchecked((long)0xFFF8000000000123)),
            BitConverter.Int64BitsToDouble(0x7FF0000000000001), double.PositiveInfinity, double.NegativeInfinity, double.Epsilon,
            -double.Epsilon, double.MaxValue, double.MinValue, 2.2250738585072014e-308, 1.0 / 3, 0.1, 1e22, 1e23, 5e-324 * 12345,
        ];
        return sort switch
        {
            "decimals" => _ => Math.Round(random.NextDouble() * scale) / scale,
            "integers" => _ => random.Next(-1000, 1000),
            "digits" => _ => double.Parse($"{(random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-19, 6)):E2}"),
            "bits" => _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
            "constant" => _ => any,
            "counter" => i => level + (i * 3.0),
            "steps" => _ => random.Next(10) == 0 ? level = random.Next(100) / 4.0 : level,
            "special" => _ => specials[random.Next(specials.Length)],
            "walk" => _ => level = Math.Round(level + random.NextDouble() - 0.5, 3),
            "negative zero" => _ => random.Next(2) == 0 ? -0.0 : random.Next(100) / 10.0,
            _ => _ => Math.Round(random.NextDouble() * 9e15) * (random.Next(2) == 0 ? 1 : 1e7),
        };
    }

    private static Quality QualityOf(string sort, Random random) => sort switch
    {
        "good" => Quality.Good,
        "uncertain" => Quality.Uncertain,
        "bad" => Quality.Bad,
        "mixed" => (Quality)random.Next(3),
        _ => random.Next(50) == 0 ? Quality.Bad : Quality.Good,
    };
}
