using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Twins;

public sealed partial class SensorTwin
{
    /// <summary>
    /// A twin whose state is lost, from what the history has of it. Its windows lack all that is sealed, until a <see cref="TwinRepair"/> puts them right;
    /// its detectors know nothing until <see cref="WarmUp"/>, its flags are none until <see cref="GoOnWith"/>.
    /// </summary>
    /// <param name="sealedUntil">The time of the newest sealed reading; the least possible value where none is.</param>
    /// <param name="tail">Ascending, newer than all that is sealed.</param>
    public static SensorTwin Rebuild(Sensor sensor, DetectorSet detectors, long sealedUntil, ReadOnlySpan<Reading> tail, in Counters counters)
    {
        var twin = new SensorTwin(sensor, detectors)
        {
            _sealedUntil = sealedUntil,
            _readings = counters.Readings,
            _disorder = Disorder.Of(counters, sealedUntil),
            HasChanged = true,
        };
        twin.SetTail(tail);
        return twin;
    }

    /// <summary>Lets the detectors of a rebuilt twin see readings of the past, ascending, and tells nobody what they say: it has been told.</summary>
    public void WarmUp(ReadOnlySpan<Reading> readings)
    {
        var detectors = _detectors.Detectors;
        foreach (ref readonly var reading in readings)
        {
            for (var i = 0; i < detectors.Length; i++)
            {
                if (reading.IsUsable || detectors[i].JudgesBad)
                {
                    Note(detectors[i].Name, detectors[i].Judge(reading, _detectors.State(i, _state.Detectors)));
                }
            }
        }
    }

    /// <summary>
    /// Ends the warming up. The flags that were open go on; one whose detector does not see now what it saw then closes at the last reading, as nobody is
    /// left to close it.
    /// </summary>
    public void GoOnWith(ReadOnlySpan<OpenFlag> known, TwinContext context)
    {
        var seen = _openFlags;
        _openFlags = known.ToArray();
        foreach (var flag in known)
        {
            var at = IndexOf(_detectors, flag.Detector);
            // Silence is no reading: its detector is told of it as it was then, by a clock that has come far enough.
            if (at < 0 || (!Array.Exists(seen, f => f.Detector == flag.Detector)
                && _detectors.Detectors[at].JudgeSilence(EventTime.Max, _detectors.State(at, _state.Detectors)).Kind != VerdictKind.Raise))
            {
                Close(flag, _lastTime, context);
            }
        }
    }

    private void Note(string detector, in Verdict verdict)
    {
        if (verdict.Kind == VerdictKind.Clear)
        {
            _openFlags = [.. _openFlags.Where(f => f.Detector != detector)];
        }
        else if (verdict.Kind == VerdictKind.Raise && !Array.Exists(_openFlags, f => f.Detector == detector))
        {
            _openFlags = [.. _openFlags, new OpenFlag(detector, verdict.Severity, verdict.Time, verdict.Score)];
        }
    }
}
