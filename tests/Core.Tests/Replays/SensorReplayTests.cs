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

public sealed class SensorReplayTests
{
    private const long Start = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private static readonly RuleSet Rules = RuleSet.Parse("""{"defaults":{"limits":{"h":60},"silence":{"after":"1m"},"spike":true,"flat-line":true,"level-shift":true}}"""u8);

    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);

    [Fact]
    public void However_the_readings_are_cut_into_chunks_the_replay_is_that_of_the_live_twin() =>
        Run.ForAll((run, random) =>
        {
            var readings = Distinct(run);
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
            var fold = new SpanFold(WindowSizes.Default, 1, 0, EventTime.Max);
            fold.Add(readings);

            Assert.Equal(fold.Finish().Select(w => WindowViews.Of(w.Window, w.IsClosed)), Replay(readings, [readings.Length]).Windows);
        });

    [Fact]
    public void Nothing_of_one_sensor_shows_in_the_next()
    {
        var replay = new SensorReplay(WindowSizes.Default, SealPolicy.Default, EventTime.Minute);
        var readings = Enumerable.Range(0, 500).Select(i => new Reading(Start + (i * EventTime.Second), i % 90)).ToArray();
        replay.Begin(Sensor(), RulesDetectors(), 100, 100);
        replay.Add(readings);
        var first = replay.Finish();
        replay.Begin(Sensor(), RulesDetectors(), 100, 100);
        replay.Add(readings);
        var second = replay.Finish();

        Assert.NotEmpty(first.Flags);
        Assert.Equal(first.Flags, second.Flags);
        Assert.Equal(first.Windows, second.Windows);
        Assert.Equal(first.Digest, second.Digest);
    }

    private static Reading[] Distinct(Run run) => [.. run.Readings.DistinctBy(r => r.Time)];

    private static DetectorSet RulesDetectors() => Rules.DetectorsFor("f", "m", "s", "s");

    private Sensor Sensor() => _catalog.Restore(0, "f", "m", "s", "s");

    private ReplayedSensor Replay(Reading[] readings, int[] chunks)
    {
        var replay = new SensorReplay(WindowSizes.Default, SealPolicy.Default, EventTime.Minute);
        replay.Begin(Sensor(), RulesDetectors(), int.MaxValue, int.MaxValue);
        var at = 0;
        foreach (var chunk in chunks)
        {
            var count = Math.Min(chunk, readings.Length - at);
            replay.Add(readings.AsSpan(at, count));
            at += count;
        }
        return replay.Finish();
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
