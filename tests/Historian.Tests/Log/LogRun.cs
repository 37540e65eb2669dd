using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Tests.Segments;

namespace SensorGrid.Historian.Tests.Log;

/// <summary>Readings of a partition in arrival order: any sensors, any times, duplicates.</summary>
public sealed record LogRun(string Sensors, string Times, string Values, string Qualities, int Count, int Seed)
{
    private static readonly string[] SensorSorts = ["one", "few", "many", "any", "late many"];
    private static readonly string[] TimeSorts = ["same", "seconds", "milliseconds", "jitter", "any", "late any"];
    private static readonly string[] ValueSorts = ["decimals", "integers", "digits", "bits", "constant", "special", "walk", "large", "late bits"];
    private static readonly string[] QualitySorts = ["good", "bad", "mixed"];

    public static Arbitrary<LogRun> Arbitrary(int maxCount = 6000)
    {
        var generator =
            from sensors in Gen.Elements(SensorSorts)
            from times in Gen.Elements(TimeSorts)
            from values in Gen.Elements(ValueSorts)
            from qualities in Gen.Elements(QualitySorts)
            from count in Gen.Frequency((3, Gen.Choose(1, Math.Min(20, maxCount))), (1, Gen.Choose(1, maxCount)))
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select Of(sensors, times, values, qualities, count, seed);
        return Arb.From(generator);
    }

    public static LogRun Of(string sensors, string times, string values, string qualities, int count, int seed) =>
        new(sensors, times, values, qualities, count, seed);

    /// <summary>"late" sorts are wide after many narrow readings, where a row has to stop.</summary>
    public ReadingBlock ToBlock()
    {
        var random = new Random(Seed);
        var values = ReadingRun.Of("regular", Values == "late bits" ? "walk" : Values, Qualities, Count, Seed).Readings;
        var start = random.NextInt64(EventTime.Max / 2);
        var block = new ReadingBlock();
        for (var i = 0; i < Count; i++)
        {
            var late = i > 700;
            var sensor = Sensors switch
            {
                "one" => 1_000_000,
                "few" => random.Next(40, 90),
                "many" => random.Next(0, 50_000),
                "late many" => late ? random.Next() : 5,
                _ => random.Next(),
            };
            var time = Times switch
            {
                "same" => start,
                "seconds" => start + (EventTime.Second * random.Next(-30, 30)),
                "milliseconds" => start + (EventTime.Second / 1000 * random.Next(0, 60_000)),
                "jitter" => start + random.Next(0, 3_000_000),
                "late any" when !late => start,
                _ => random.NextInt64(EventTime.Max + 1),
            };
            var value = Values == "late bits" && late ? random.NextDouble() : values[i].Value;
            block.Add(sensor, Math.Max(0, time), value, values[i].Quality);
        }
        return block;
    }
}
