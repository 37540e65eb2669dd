using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Tests.Windows;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Replays;

public sealed class MachineReplayTests
{
    private const long Start = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private static readonly RuleSet Rules = RuleSet.Parse("""{"defaults":{"limits":{"h":60},"silence":{"after":"1m"},"spike":true,"flat-line":true,"level-shift":true}}"""u8);

    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);

    [Fact]
    public void However_the_readings_are_cut_into_slices_the_replay_is_that_of_the_live_twin() =>
        Run.ForAll((run, random) =>
        {
            var readings = Distinct(run);
            if (readings.Length == 0)
            {
                return;
            }
            var live = new SensorTwin(Sensor(), RulesDetectors());
            var context = new TwinContext(new NoSink(), WindowSizes.Default, SealPolicy.Default);
            Array.ForEach(readings, r => live.Apply(r, context));

            var once = Replay(readings, [readings.Length]);
            var cut = Replay(readings, [.. Enumerable.Range(0, 20).Select(_ => random.Next(50)), readings.Length]);

            Assert.Equal(TwinDigest.Of(live), once.Digest);
            Assert.Equal(once.Digest, cut.Digest);
            Assert.Equal(once.Flags, cut.Flags);
            Assert.Equal(live.Counters, once.Counters);
            Assert.Equal(live.OpenFlags.ToArray().Select(f => (f.Detector, f.From)).Order(), once.Flags.Where(f => f.To is null).Select(f => (f.Detector, f.From)).Order());
        });

    [Fact]
    public void The_windows_are_those_that_a_query_of_the_readings_gives() =>
        Run.ForAll((run, _) =>
        {
            var readings = Distinct(run);
            if (readings.Length == 0)
            {
                return;
            }
            var fold = new SpanFold(WindowSizes.Default, 1, 0, EventTime.Max);
            fold.Add(readings);

            Assert.Equal(fold.Finish().Select(w => WindowViews.Of(w.Window, w.IsClosed)), Replay(readings, [readings.Length]).Windows);
        });

    [Fact]
    public void Nothing_of_one_machine_shows_in_the_next()
    {
        var replay = new MachineReplay(WindowSizes.Default, SealPolicy.Default, EventTime.Minute);
        var readings = Seconds(0, 500).Concat(Seconds(700, 900)).Select(s => new Reading(At(s), s % 90)).ToArray();
        ReplayedMachine Once()
        {
            replay.Begin(Sensor().Machine, [Sensor(), Other()], Rules, 100, 100);
            replay.Hear([readings, readings]);
            replay.Apply(0, readings);
            replay.Apply(1, readings);
            return replay.Finish();
        }

        var (first, second) = (Once(), Once());

        Assert.Equal((At(559), At(700)), Assert.Single(first.Flags.Select(f => (f.From, f.To))));
        Assert.Equal(first.Flags, second.Flags);
        Assert.Equal(At(899), second.Watermark);
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(2, first.Sensors.Count);
        foreach (var (a, b) in first.Sensors.Zip(second.Sensors))
        {
            Assert.NotEmpty(a.Flags);
            Assert.Equal(a.Flags, b.Flags);
            Assert.Equal(a.Windows, b.Windows);
            Assert.Equal(a.Digest, b.Digest);
        }
    }

    [Fact]
    public void A_sensor_that_is_only_heard_keeps_the_machine_from_being_silent()
    {
        var replay = new MachineReplay(WindowSizes.Default, SealPolicy.Default, null);
        var readings = Seconds(0, 500).Concat(Seconds(700, 900)).Select(s => new Reading(At(s), s % 50)).ToArray();
        var heard = Seconds(0, 1000).Select(s => new Reading(At(s), 0)).ToArray();
        replay.Begin(Sensor().Machine, [Sensor(), Other()], RuleSet.Parse("""{"defaults":{"silence":{"after":"1m"}}}"""u8), 100, 100);
        replay.Hear([readings, heard]);
        replay.Apply(0, readings);

        var replayed = replay.Finish();

        Assert.Empty(replayed.Flags);
        // The second one lasts: told when all has come, by the machine's watermark.
        Assert.Equal([(At(559), At(700)), (At(959), (long?)null)], Assert.Single(replayed.Sensors).Flags.Select(f => (f.From, f.To)));
        Assert.NotEqual(replayed.Sensors[0].Digest, replayed.Sensors[0].DigestUnjudged);
    }

    private static IEnumerable<int> Seconds(int from, int to) => Enumerable.Range(from, to - from);

    private static long At(int second) => Start + (second * EventTime.Second);

    private static Reading[] Distinct(Run run) => [.. run.Readings.DistinctBy(r => r.Time)];

    private static DetectorSet RulesDetectors() => Rules.DetectorsFor("f", "m", "s", "s");

    private Sensor Sensor() => _catalog[0] ?? _catalog.Restore(0, "f", "m", "s", "s");

    private Sensor Other() => _catalog[1] ?? _catalog.Restore(1, "f", "m", "t", "t");

    private ReplayedSensor Replay(Reading[] readings, int[] chunks)
    {
        var replay = new MachineReplay(WindowSizes.Default, SealPolicy.Default, EventTime.Minute);
        replay.Begin(Sensor().Machine, [Sensor()], Rules, int.MaxValue, int.MaxValue);
        var at = 0;
        foreach (var chunk in chunks)
        {
            var count = Math.Min(chunk, readings.Length - at);
            replay.Hear([readings.AsMemory(at, count)]);
            replay.Apply(0, readings.AsSpan(at, count));
            at += count;
        }
        return Assert.Single(replay.Finish().Sensors);
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

        public void Flagged(MachineTwin machine, in FlagChange change)
        {
        }

        public void Flagged(SensorTwin twin, in FlagChange change)
        {
        }
    }
}
