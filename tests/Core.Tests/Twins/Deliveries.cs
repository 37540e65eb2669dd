using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Tests.Windows;

namespace SensorGrid.Core.Tests.Twins;

/// <summary>
/// Readings of a few sensors in the order in which they come, as FsCheck makes and shrinks them: any permutation, with repetitions, corrections and pauses.
/// </summary>
public sealed record Deliveries(Delivery[] All)
{
    public IEnumerable<int> Sensors => All.Select(d => d.Sensor).Distinct().Order();

    /// <summary>What a sensor must be left with: of each time the reading written last, in the order of time.</summary>
    public Reading[] Distinct(int sensor) =>
        [.. All.Where(d => d.Sensor == sensor).GroupBy(d => d.Reading.Time).Select(g => g.Last().Reading).OrderBy(r => r.Time)];

    /// <param name="sensors">At most.</param>
    /// <param name="longest">Readings of a sensor at most, without repetitions and corrections.</param>
    public static Arbitrary<Deliveries> Any(int sensors, int longest) => Arb.From(
        from runs in Gen.ArrayOf(Run.Any(longest).Generator, sensors)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select Make(new Random(seed), runs),
        Shrink);

    public override string ToString() =>
        $"{All.Length} deliveries: {string.Join("; ", All.Select(d => $"{d.Sensor}: {d.Reading}{(d.Then == Pause.None ? "" : $" then {d.Then}")}"))}";

    private static Deliveries Make(Random random, Run[] runs)
    {
        var waiting = runs.Select(run => new Queue<Reading>(Repeat(random, Order(random, run.Readings)))).ToArray();
        var all = new List<Delivery>();
        // Of one sensor after the other, or from all at once.
        var stay = random.Next(2) * 20;
        for (var sensor = 0; waiting.Any(w => w.Count > 0);)
        {
            if (random.Next(stay + 1) == 0)
            {
                sensor = random.Next(waiting.Length);
            }
            sensor = waiting[sensor].Count > 0 ? sensor : Array.FindIndex(waiting, w => w.Count > 0);
            all.Add(new Delivery(sensor, waiting[sensor].Dequeue(), AnyPause(random)));
        }
        return new Deliveries([.. all]);
    }

    private static List<Reading> Order(Random random, Reading[] readings)
    {
        switch (random.Next(6))
        {
            case 0:
                return [.. readings];
            case 1:
                return [.. readings.Reverse()];
            case 2:
                random.Shuffle(readings = [.. readings]);
                return [.. readings];
            case 3:
                // Stretches of time, each in order, as a buffer delivers them.
                var stretches = readings.Chunk(random.Next(1, 40)).ToArray();
                random.Shuffle(stretches);
                return [.. stretches.SelectMany(s => s)];
            case 4:
                return [.. readings.Chunk(random.Next(2, 12)).SelectMany(some =>
                {
                    random.Shuffle(some);
                    return some;
                })];
            default:
                // In order but for a few.
                return [.. readings.Select((r, i) => (r, At: i + (random.Next(10) == 0 ? random.Next(readings.Length) : 0))).OrderBy(p => p.At).Select(p => p.r)];
        }
    }

    // Copies and other values of some, anywhere: also before what they repeat or correct.
    private static List<Reading> Repeat(Random random, List<Reading> readings)
    {
        var rarity = random.Next(4) switch { 0 => 2, 1 => 10, 2 => 50, _ => int.MaxValue };
        foreach (var reading in readings.Where(_ => random.Next(rarity) == 0).ToArray())
        {
            var again = random.Next(2) == 0 ? reading : new Reading(reading.Time, random.Next(-5, 6) / 2.0, (Quality)random.Next(3));
            readings.Insert(random.Next(readings.Count + 1), again);
        }
        return readings;
    }

    private static Pause AnyPause(Random random) => random.Next(200) switch
    {
        < 20 => Pause.Request,
        < 24 => Pause.Checkpoint,
        < 27 => Pause.Restate,
        27 => Pause.Restart,
        28 => Pause.Kill,
        _ => Pause.None,
    };

    private static IEnumerable<Deliveries> Shrink(Deliveries deliveries)
    {
        var all = deliveries.All;
        for (var part = all.Length; part >= 1; part /= 2)
        {
            for (var from = 0; from + part <= all.Length; from += part)
            {
                yield return new Deliveries([.. all[..from], .. all[(from + part)..]]);
            }
        }
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Then != Pause.None)
            {
                yield return new Deliveries([.. all[..i], all[i] with { Then = Pause.None }, .. all[(i + 1)..]]);
            }
        }
    }
}
