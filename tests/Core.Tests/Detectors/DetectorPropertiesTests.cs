using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

/// <summary>What holds of every detector, whatever the readings. <see cref="Watch"/> checks what it is told.</summary>
public class DetectorPropertiesTests
{
    private static readonly Detector[] Detectors =
    [
        new LimitDetector(new() { LowLow = -2, Low = -1, High = 1, HighHigh = 2, Deadband = 0.5, OnDelay = EventTime.Second, OffDelay = EventTime.Second }),
        new LimitDetector(new() { High = double.MaxValue / 2, Low = -double.MaxValue }),
        new RateOfChangeDetector(new() { Up = 1, Down = 1e-300, Span = 0, Hold = 0 }),
        new FlatLineDetector(new()),
        new FlatLineDetector(new() { Always = true, After = EventTime.Second, Readings = 2 }),
        new SilenceDetector(new()),
        new SilenceDetector(new() { After = 1 }),
        new SpikeDetector(new()),
        new SpikeDetector(new() { Threshold = 3, WarmUp = 20, Hold = 0 }),
        new LevelShiftDetector(new()),
        new LevelShiftDetector(new() { Block = 1, Readings = 1, WarmUp = 10, Threshold = 1, Slack = 0.25, Accept = 0 }),
    ];

    private static readonly Gen<double> Value = Gen.Frequency(
        (6, Gen.Choose(-100, 100).Select(x => x / 50.0)),
        (2, Gen.Constant(1.0)),
        (1, Gen.Choose(-1_000_000, 1_000_000).Select(x => (double)x)),
        (1, Gen.Elements(0, -0.0, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, 1e-300, 1e300, 1e38, 1e15, 1e-45)),
        (1, ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite)));

    private static readonly Gen<long> Gap = Gen.Frequency(
        (8, Gen.Constant(EventTime.Second)),
        (2, Gen.Choose(1, 2_000_000).Select(x => (long)x)),
        (1, Gen.Elements(1, 100 * EventTime.Second, EventTime.Day, 1_000 * EventTime.Day)));

    private static readonly Arbitrary<(long Gap, double Value)[]> Steps =
        Gen.Choose(0, 600).SelectMany(count => Gen.Zip(Gap, Value).ListOf(count)).Select(list => list.ToArray()).ToArbitrary();

    [Fact]
    public void Any_readings_give_finite_scores_and_raises_and_clears_in_turn_twice_the_same() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Steps, steps =>
        {
            foreach (var detector in Detectors)
            {
                var first = Run(detector, steps);
                var second = Run(detector, steps);
                Assert.Equal(first.Flags, second.Flags);
                Assert.Equal(first.State, second.State);
            }
        }));

    [Fact]
    public void Nothing_is_allocated()
    {
        var random = new Random(1);
        var readings = Enumerable.Range(0, 20_000).Select(i => new Reading(i * EventTime.Second, PlantSignal.Gaussian(random) * (i % 97 == 0 ? 50 : 1))).ToArray();
        foreach (var detector in Detectors)
        {
            var state = new byte[detector.StateSize];
            detector.Judge(readings[0], state);
            detector.JudgeSilence(readings[0].Time, state);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 1; i < readings.Length; i++)
            {
                detector.Judge(readings[i], state);
                detector.JudgeSilence(readings[i].Time, state);
            }
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    /// <summary>Snapshots hold this state: who changes its layout or meaning raises the detector's StateVersion and this line.</summary>
    [Fact]
    public void The_state_is_as_frozen() => Assert.Equal(
        ["limits 1 32", "rate-of-change 1 32", "flat-line 1 32", "silence 1 24", "spike 1 56", "level-shift 1 88"],
        Detectors.Select(detector => $"{detector.Name} {detector.StateVersion} {detector.StateSize}").Distinct());

    private static Watch Run(Detector detector, (long Gap, double Value)[] steps)
    {
        var watch = new Watch(detector);
        var time = 0L;
        foreach (var (gap, value) in steps)
        {
            time += gap;
            watch.Read(time / (double)EventTime.Second, value);
        }
        return watch;
    }
}
