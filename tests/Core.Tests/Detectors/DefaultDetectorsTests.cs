using SensorGrid.Core.Rules;

namespace SensorGrid.Core.Tests.Detectors;

/// <summary>The default detectors on a day of plant signals: no false flag, and every injected fault found. Figures of more seeds: docs/rules.md.</summary>
public class DefaultDetectorsTests
{
    private const int Day = 86_400;

    private static readonly Dictionary<string, PlantSignal> Signals = new[]
    {
        PlantSignal.Flat, PlantSignal.Wandering, PlantSignal.Constant, PlantSignal.Counter, PlantSignal.Meter, PlantSignal.Coarse,
        PlantSignal.Thermometer, PlantSignal.RandomWalk, PlantSignal.Sine(30, 10), PlantSignal.Sine(600, 10), PlantSignal.Sine(3_600, 50),
        PlantSignal.Sine(Day, 50), PlantSignal.OnOff(60, 0.5, 0), PlantSignal.OnOff(900, 0.2, 0.3), PlantSignal.OnOff(3_600, 0.5, 0.3),
    }.ToDictionary(signal => signal.Name);

    public static TheoryData<string> SignalNames => [.. Signals.Keys];

    [Theory]
    [MemberData(nameof(SignalNames))]
    public void A_day_without_faults_has_no_flags(string signal)
    {
        for (var seed = 1; seed <= 2; seed++)
        {
            Assert.Empty(Run(Values(Signals[signal], seed)));
        }
    }

    [Fact]
    public void A_spike_of_twelve_mad_is_found() => Finds("spike", PlantSignal.Flat, 1, (i, at, value) => i == at ? 50 + (12 * 0.6745) : value);

    [Fact]
    public void A_shift_of_four_sigma_is_found() => Finds("level-shift", PlantSignal.Flat, 240, (i, at, value) => i >= at ? value + 4 : value);

    [Fact]
    public void A_shift_of_one_amplitude_under_a_cycle_is_found() =>
        Finds("level-shift", PlantSignal.Sine(300, 10), 2 * 3_600, (i, at, value) => i >= at ? value + 10 : value);

    [Fact]
    public void A_stuck_value_is_found()
    {
        var held = 0.0;
        Finds("flat-line", PlantSignal.Sine(600, 10), 1, (i, at, value) => held = i > at && i < at + 600 ? held : value);
    }

    [Fact]
    public void A_drop_out_is_found() => Finds("silence", PlantSignal.RandomWalk, 61, (i, at, value) => i >= at && i < at + 300 ? null : value);

    /// <summary>Over four seeds the fault's flag begins within the delay after the fault, and no other detector flags before it.</summary>
    private static void Finds(string detector, PlantSignal signal, int delay, Func<int, int, double, double?> fault)
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var at = 55_000 + (1_234 * seed);
            var flags = Run(Values(signal, seed).Select((value, i) => fault(i, at, value!.Value)));

            Assert.Contains(flags, flag => flag.Detector == detector && flag.From >= at && flag.From <= at + delay);
            Assert.All(flags, flag => Assert.True(flag.From >= at));
        }
    }

    private static List<(string Detector, double From)> Run(IEnumerable<double?> values)
    {
        var set = RuleSet.Default.DetectorsFor("factory", "machine", "sensor", "sensor");
        var watches = set.Detectors.ToArray().Select(detector => (detector.Name, Watch: new Watch(detector))).ToArray();
        var second = 0;
        foreach (var value in values)
        {
            foreach (var (_, watch) in watches)
            {
                if (value is { } number)
                {
                    watch.Read(second, number);
                }
                else
                {
                    watch.Tick(second);
                }
            }
            second++;
        }
        return [.. watches.SelectMany(x => x.Watch.Flags.Select(flag => (x.Name, flag.From)))];
    }

    private static IEnumerable<double?> Values(PlantSignal signal, int seed)
    {
        using var values = signal.Start(seed);
        for (var i = 0; i < Day; i++)
        {
            values.MoveNext();
            yield return values.Current;
        }
    }
}
