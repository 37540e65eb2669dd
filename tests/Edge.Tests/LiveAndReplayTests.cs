using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Replays;

namespace SensorGrid.Edge.Tests;

/// <summary>
/// A machine whose sensors start, stop and pause, alone and together, delivered in order but in any batches and with any delay, and judged by the wall
/// clock at any moment: its replay gives the same twins and flags.
/// </summary>
public sealed class LiveAndReplayTests
{
    private static readonly string[] RuleFiles = ["""{"defaults":{"silence":true,"spike":true}}""", """{"defaults":{"silence":{"after":"10s"},"flat-line":true}}"""];

    private readonly List<string> _compared = [];

    [Fact]
    public void Replayed_machines_are_the_live_ones_whenever_their_readings_came_and_were_judged()
    {
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => Compare(new Random(seed))));

        // Not by never coming to what it is about.
        Assert.InRange(_compared.Count(c => c == "machine flagged"), 50, 300);
        Assert.InRange(_compared.Count(c => c == "sensor flagged"), 50, 300);
        Assert.InRange(_compared.Count(c => c == "disordered"), 0, 60);
    }

    private void Compare(Random random)
    {
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        var rules = RuleSet.Parse(System.Text.Encoding.UTF8.GetBytes(RuleFiles[random.Next(RuleFiles.Length)]));
        var sensors = Enumerable.Range(0, random.Next(1, 5)).Select(i => catalog.Restore(i, "f", "m", $"s{i}", "s")).ToArray();
        var runs = Readings(random, sensors.Length);
        using var live = new Partition(0, catalog, Table(), rules, new GridOptions());
        Deliver(live, random, runs);

        var machine = live.Twin(sensors[0].Machine)!;
        var replayed = Replay(random, sensors, runs, rules);

        if (!machine.IsInOrder)
        {
            // A sensor alone that the clock called silent, and that was only late: the machine remembers it.
            _compared.Add("disordered");
            return;
        }
        Assert.All(replayed.Sensors, s => Assert.True(LiveComparison.IsSame(live, s), s.Sensor.Path));
        Assert.Equal(machine.OpenFlag is null ? true : null, LiveComparison.IsSame(live, replayed));
        // What the clock alone told, and what was withdrawn, is not of the readings.
        Assert.Equal(
            Told(live.CopyFlags().Values.Select(f => f.Flag).Where(f => f.From != f.To && f.From < machine.Watermark)),
            Told(replayed.Flags.Concat(replayed.Sensors.SelectMany(s => s.Flags))));
        _compared.AddRange(replayed.Flags.Take(1).Select(_ => "machine flagged"));
        _compared.AddRange(replayed.Sensors.SelectMany(s => s.Flags).Where(f => f.Detector == FlagComparison.Silence).Take(1).Select(_ => "sensor flagged"));
    }

    private static IEnumerable<Flag> Told(IEnumerable<Flag> flags) => flags.OrderBy(f => f.Id, StringComparer.Ordinal);

    // For each sensor its readings. All sensors pause together, each for itself, and some begin late.
    private static Reading[][] Readings(Random random, int sensors)
    {
        const int Seconds = 3000;
        (int From, int To)[] Pauses(int most) => [.. Enumerable.Range(0, random.Next(most)).Select(_ => random.Next(Seconds)).Select(at => (at, at + random.Next(1, 400)))];
        var together = Pauses(5);
        var haveOnePace = random.Next(2) == 0;
        return
        [
            .. Enumerable.Range(0, sensors).Select(sensor =>
            {
                var step = haveOnePace ? 2_000 : random.Next(500, 10_000);
                var phase = haveOnePace ? 0 : random.Next(1000);
                var begin = random.Next(3) == 0 ? random.Next(Seconds) : 0;
                var alone = Pauses(3);
                return Enumerable.Range(0, Seconds * 1000 / step).Select(i => (i * step) + phase)
                    .Where(ms => ms / 1000 >= begin && !together.Concat(alone).Any(p => ms / 1000 >= p.From && ms / 1000 < p.To))
                    .Select(ms => new Reading(TestGrid.Day + (ms * 1000L), random.Next(100))).DefaultIfEmpty(new Reading(TestGrid.Day, 1)).ToArray();
            }),
        ];
    }

    private static void Deliver(Partition live, Random random, Reading[][] runs)
    {
        var all = runs.SelectMany((run, sensor) => run.Select(r => (Sensor: sensor, Reading: r, Tie: random.Next())))
            .OrderBy(r => r.Reading.Time).ThenBy(r => r.Tie).ToArray();
        var largestBatch = random.Next(1, 60);
        var largestDelay = random.Next(2) * random.Next(200);
        var now = all[0].Reading.Time;
        live.GoLive(now);
        for (var at = 0; at < all.Length;)
        {
            var batch = all[at..Math.Min(all.Length, at + random.Next(1, largestBatch + 1))];
            at += batch.Length;
            var arrival = Math.Max(now, batch[^1].Reading.Time + (random.Next(largestDelay + 1) * EventTime.Second));
            while (now < arrival && random.Next(20) > 0)
            {
                now = Math.Min(arrival, now + (random.Next(1, 20) * EventTime.Second));
                live.JudgeSilence(now, random.Next(1, 6));
            }
            now = arrival;
            using var block = new ReadingBlock();
            foreach (var (sensor, reading, _) in batch)
            {
                block.Add(sensor, reading.Time, reading.Value, reading.Quality);
            }
            live.Apply(block, 0, 0, now);
        }
        live.JudgeSilence(now, 1);
    }

    // In slices of any length.
    private static ReplayedMachine Replay(Random random, Sensor[] sensors, Reading[][] runs, RuleSet rules)
    {
        var replay = new MachineReplay(WindowSizes.Default, SealPolicy.Default, null);
        replay.Begin(sensors[0].Machine, sensors, rules, int.MaxValue, int.MaxValue);
        var at = new int[sensors.Length];
        for (var end = TestGrid.Day; Enumerable.Range(0, at.Length).Any(i => at[i] < runs[i].Length);)
        {
            end += random.Next(1, 1500) * EventTime.Second;
            var slice = new ReadOnlyMemory<Reading>[sensors.Length];
            for (var i = 0; i < slice.Length; i++)
            {
                var from = at[i];
                while (at[i] < runs[i].Length && runs[i][at[i]].Time < end)
                {
                    at[i]++;
                }
                slice[i] = runs[i].AsMemory(from..at[i]);
            }
            replay.Hear(slice);
            for (var i = 0; i < slice.Length; i++)
            {
                replay.Apply(i, slice[i].Span);
            }
        }
        return replay.Finish();
    }

    private static SensorMap<SensorTwin> Table()
    {
        var table = new SensorMap<SensorTwin>();
        table.Reserve(10);
        return table;
    }
}
