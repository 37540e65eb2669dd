using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

/// <summary>One sensor under one detector; keeps the flags as a twin does and refuses what a detector must not say.</summary>
public sealed class Watch(Detector detector)
{
    private readonly byte[] _state = new byte[detector.StateSize];
    private readonly List<Flag> _flags = [];

    public IReadOnlyList<Flag> Flags => _flags;

    public bool IsOpen => _flags.Count > 0 && double.IsNaN(_flags[^1].To);

    public byte[] State => _state;

    public Watch Read(double second, double value)
    {
        Take(detector.Judge(new Reading((long)(second * EventTime.Second), value), _state), second);
        return this;
    }

    public Watch ReadAll(IEnumerable<double> values, double from = 0)
    {
        foreach (var value in values)
        {
            Read(from++, value);
        }
        return this;
    }

    public Watch Tick(double second)
    {
        Take(detector.JudgeSilence((long)(second * EventTime.Second), _state), second);
        return this;
    }

    private void Take(Verdict verdict, double judged)
    {
        var time = verdict.Time / (double)EventTime.Second;
        Assert.True(double.IsFinite(verdict.Score) && verdict.Score >= 0, $"score {verdict.Score}");
        switch (verdict.Kind)
        {
            case VerdictKind.Raise when IsOpen:
                _flags[^1] = _flags[^1] with { Score = Math.Max(verdict.Score, _flags[^1].Score), Severity = verdict.Severity };
                break;
            case VerdictKind.Raise:
                Open(new Flag(time, double.NaN, verdict.Score, verdict.Severity));
                break;
            case VerdictKind.Interval:
                Assert.False(IsOpen, "an interval while a flag is open");
                Assert.True(judged >= time, "an interval that ends before it begins");
                Open(new Flag(time, judged, verdict.Score, verdict.Severity));
                break;
            case VerdictKind.Clear:
                Assert.True(IsOpen, "a clear without a flag");
                Assert.True(time >= _flags[^1].From, "a flag that ends before it begins");
                _flags[^1] = _flags[^1] with { To = time };
                break;
            default:
                Assert.Equal(Verdict.None, verdict);
                break;
        }
    }

    private void Open(Flag flag)
    {
        Assert.True(_flags.Count == 0 || flag.From >= _flags[^1].To, "flags overlap");
        _flags.Add(flag);
    }
}
