using System.Runtime.CompilerServices;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Twins;

public sealed partial class SensorTwin
{
    public ReadOnlySpan<OpenFlag> OpenFlags => _openFlags;

    /// <summary>Whether it is flagged as silent: its next reading may teach its machine how late it is.</summary>
    public bool IsSilent => Array.Exists(_openFlags, f => f.Detector == SilenceDetector.FlagName);

    public bool HasFixedSilence => _detectors.HasFixedSilence;

    /// <summary>The machine as a whole sent nothing for so long, in microseconds. Where the sensor had fallen silent before, its silence goes on.</summary>
    /// <param name="before"><see cref="MachineTwin.ClockBefore"/>.</param>
    public void Excuse(long before, long duration, TwinContext context)
    {
        // Whether anybody judged it by then must make no difference.
        JudgeSilence(before, context);
        HasChanged = true;
        var detectors = _detectors.Detectors;
        for (var i = 0; i < detectors.Length; i++)
        {
            detectors[i].Excuse(duration, _detectors.State(i, _state.Detectors));
        }
    }

    /// <summary>Judges that no reading came: <paramref name="now"/> is <see cref="MachineTwin.ClockFor"/>.</summary>
    public void JudgeSilence(long now, TwinContext context)
    {
        var detectors = _detectors.Detectors;
        for (var i = 0; i < detectors.Length; i++)
        {
            var verdict = detectors[i].JudgeSilence(now, _detectors.State(i, _state.Detectors));
            if (verdict.Kind != VerdictKind.None)
            {
                Take(detectors[i], verdict, now, context);
            }
        }
    }

    /// <summary>
    /// Puts other detectors to work. Those that were at work already, with the same parameters, keep what they know; open flags of those that are gone close.
    /// </summary>
    public void Use(DetectorSet detectors, TwinContext context)
    {
        if (ReferenceEquals(detectors, _detectors))
        {
            return;
        }
        HasChanged = true;
        var states = detectors.StateSize == 0 ? [] : new byte[detectors.StateSize];
        detectors.CarryState(_detectors, _state.Detectors, states);
        foreach (var flag in _openFlags)
        {
            var at = IndexOf(detectors, flag.Detector);
            if (at < 0 || detectors.IndexIn(_detectors, at) < 0)
            {
                Close(flag, _lastTime, context);
            }
        }
        _detectors = detectors;
        _state.SetDetectors(states);
    }

    private void Judge(in Reading reading, TwinContext context)
    {
        ref var states = ref _state.First;
        var usable = reading.IsUsable;
        foreach (ref readonly var seat in _detectors.Seats)
        {
            if (usable || seat.JudgesBad)
            {
                var verdict = seat.Detector.Judge(reading, ref Unsafe.Add(ref states, seat.State));
                if (verdict.Kind != VerdictKind.None)
                {
                    Take(seat.Detector, verdict, reading, context);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Take(Detector detector, Verdict verdict, Reading reading, TwinContext context)
    {
        Take(detector, verdict, reading.Time, context);
        if (verdict.Kind == VerdictKind.Clear && verdict.Time > reading.Time)
        {
            Machine?.Contradicted(reading.Time);
        }
    }

    private static int IndexOf(DetectorSet set, string detector)
    {
        var detectors = set.Detectors;
        for (var i = 0; i < detectors.Length; i++)
        {
            if (detectors[i].Name == detector)
            {
                return i;
            }
        }
        return -1;
    }

    private void Take(Detector detector, in Verdict verdict, long judged, TwinContext context)
    {
        HasChanged = true;
        var at = Array.FindIndex(_openFlags, f => f.Detector == detector.Name);
        if (verdict.Kind == VerdictKind.Interval)
        {
            context.Sink.Flagged(this, new FlagChange(detector.Name, verdict.Severity, verdict.Time, judged, verdict.Score));
            return;
        }
        if (verdict.Kind == VerdictKind.Clear)
        {
            if (at >= 0)
            {
                Close(_openFlags[at], verdict.Time, context);
            }
            return;
        }
        if (at < 0)
        {
            var flag = new OpenFlag(detector.Name, verdict.Severity, verdict.Time, verdict.Score);
            _openFlags = [.. _openFlags, flag];
            context.Sink.Flagged(this, new FlagChange(flag.Detector, flag.Severity, flag.From, null, flag.Score));
            return;
        }
        var open = _openFlags[at];
        var worse = open with
        {
            Score = Math.Max(open.Score, verdict.Score),
            Severity = verdict.Severity > open.Severity ? verdict.Severity : open.Severity,
        };
        if (worse != open)
        {
            _openFlags[at] = worse;
            context.Sink.Flagged(this, new FlagChange(worse.Detector, worse.Severity, worse.From, null, worse.Score));
        }
    }

    private void Close(OpenFlag flag, long time, TwinContext context)
    {
        HasChanged = true;
        _openFlags = [.. _openFlags.Where(f => f.Detector != flag.Detector)];
        context.Sink.Flagged(this, new FlagChange(flag.Detector, flag.Severity, flag.From, Math.Max(time, flag.From), flag.Score));
    }
}
