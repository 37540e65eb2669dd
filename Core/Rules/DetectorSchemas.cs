using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Rules;

/// <summary>Every detector there is, in the order in which a sensor's detectors stand.</summary>
internal static class DetectorSchemas
{
    private const double Anything = double.MaxValue;
    private const double Longest = 366.0 * EventTime.Day;

    public static readonly DetectorSchema[] All = [Limits(), RateOfChange(), FlatLine(), Silence(), Spike(), LevelShift()];

    private static DetectorSchema Limits()
    {
        var preset = new LimitSettings();
        return new("limits", On: false,
            [
                new("ll", ParameterType.Number, -Anything, Anything, null, Together: true),
                new("l", ParameterType.Number, -Anything, Anything, null, Together: true),
                new("h", ParameterType.Number, -Anything, Anything, null, Together: true),
                new("hh", ParameterType.Number, -Anything, Anything, null, Together: true),
                new("deadband", ParameterType.Number, 0, Anything, preset.Deadband),
                Duration("onDelay", 0, preset.OnDelay),
                Duration("offDelay", 0, preset.OffDelay),
                Level("severity", preset.Severity),
                Level("outerSeverity", preset.OuterSeverity),
            ],
            v => (v[0] ?? v[1] ?? v[2] ?? v[3]) is null ? null : new LimitDetector(new()
            {
                LowLow = v[0],
                Low = v[1],
                High = v[2],
                HighHigh = v[3],
                Deadband = v[4]!.Value,
                OnDelay = (long)v[5]!,
                OffDelay = (long)v[6]!,
                Severity = (Severity)v[7]!,
                OuterSeverity = (Severity)v[8]!,
            }));
    }

    private static DetectorSchema RateOfChange()
    {
        var preset = new RateOfChangeSettings();
        return new("rate-of-change", On: false,
            [
                new("up", ParameterType.Number, double.Epsilon, Anything, null),
                new("down", ParameterType.Number, double.Epsilon, Anything, null),
                Duration("span", 0, preset.Span),
                new("hysteresis", ParameterType.Number, 0, 0.95, preset.Hysteresis),
                Duration("hold", 0, preset.Hold),
                Level("severity", preset.Severity),
            ],
            v => (v[0] ?? v[1]) is null ? null : new RateOfChangeDetector(new()
            {
                Up = v[0],
                Down = v[1],
                Span = (long)v[2]!,
                Hysteresis = v[3]!.Value,
                Hold = (long)v[4]!,
                Severity = (Severity)v[5]!,
            }));
    }

    private static DetectorSchema FlatLine()
    {
        var preset = new FlatLineSettings();
        return new("flat-line", On: true,
            [
                Duration("after", 1, preset.After),
                new("readings", ParameterType.Whole, 2, 1_000_000, preset.Readings),
                new("tolerance", ParameterType.Number, 0, Anything, preset.Tolerance),
                new("always", ParameterType.Switch, 0, 1, preset.Always ? 1 : 0),
                Level("severity", preset.Severity),
            ],
            v => new FlatLineDetector(new()
            {
                After = (long)v[0]!,
                Readings = (int)v[1]!,
                Tolerance = v[2]!.Value,
                Always = v[3] != 0,
                Severity = (Severity)v[4]!,
            }));
    }

    private static DetectorSchema Silence()
    {
        var preset = new SilenceSettings();
        return new("silence", On: true,
            [
                Duration("after", 1, preset.After),
                new("multiple", ParameterType.Number, 2, 10_000, preset.Multiple),
                Duration("atLeast", 1, preset.AtLeast),
                Level("severity", preset.Severity),
            ],
            v => new SilenceDetector(new()
            {
                After = (long?)v[0],
                Multiple = v[1]!.Value,
                AtLeast = (long)v[2]!,
                Severity = (Severity)v[3]!,
            }));
    }

    private static DetectorSchema Spike()
    {
        var preset = new SpikeSettings();
        return new("spike", On: true,
            [
                new("threshold", ParameterType.Number, 3, 10_000, preset.Threshold),
                new("width", ParameterType.Whole, 1, 200, preset.Width),
                new("warmUp", ParameterType.Whole, 20, 60_000, preset.WarmUp),
                Duration("hold", 0, preset.Hold),
                Duration("memory", EventTime.Second, preset.Memory),
                Level("severity", preset.Severity),
            ],
            v => new SpikeDetector(new()
            {
                Threshold = v[0]!.Value,
                Width = (int)v[1]!,
                WarmUp = (int)v[2]!,
                Hold = (long)v[3]!,
                Memory = (long)v[4]!,
                Severity = (Severity)v[5]!,
            }));
    }

    private static DetectorSchema LevelShift()
    {
        var preset = new LevelShiftSettings();
        return new("level-shift", On: true,
            [
                new("threshold", ParameterType.Number, 1, 1_000, preset.Threshold),
                new("slack", ParameterType.Number, 0.25, 4, preset.Slack),
                Duration("block", 1_000, preset.Block),
                new("readings", ParameterType.Whole, 1, 10_000, preset.Readings),
                new("warmUp", ParameterType.Whole, 10, 60_000, preset.WarmUp),
                Duration("accept", 0, preset.Accept),
                Level("severity", preset.Severity),
            ],
            v => new LevelShiftDetector(new()
            {
                Threshold = v[0]!.Value,
                Slack = v[1]!.Value,
                Block = (long)v[2]!,
                Readings = (int)v[3]!,
                WarmUp = (int)v[4]!,
                Accept = (long)v[5]!,
                Severity = (Severity)v[6]!,
            }));
    }

    private static Parameter Duration(string name, double min, long? preset) => new(name, ParameterType.Duration, min, Longest, preset);

    private static Parameter Level(string name, Severity preset) => new(name, ParameterType.Severity, 0, 3, (double)preset);
}
