using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Historian.Restating;

namespace SensorGrid.Edge.Restating;

/// <summary>
/// Late spans of one sensor that lie close together, judged by a fresh twin: to be given the history from some time before them, which warms its detectors
/// up, until <see cref="IsOver"/> or there is no more. Silence is left out: a gap here may be one of deliveries, and nobody can be told in time.
/// </summary>
internal sealed class LateRun
{
    /// <summary>What follows decides about flags of the last readings, by delays and by the readings that bring a value back.</summary>
    private const long Follow = EventTime.Hour;

    private const int FollowReadings = 10_000;

    private readonly SensorReplay _replay;
    private readonly List<(long From, long To)> _spans = [];
    private long _lastTime = long.MinValue;
    private int _followed;

    /// <param name="spans">Ascending by their beginning, at least one.</param>
    public LateRun(Sensor sensor, DetectorSet detectors, IEnumerable<LateSpanRow> spans, EdgeOptions options)
    {
        foreach (var span in spans)
        {
            if (_spans.Count > 0 && span.From <= _spans[^1].To)
            {
                _spans[^1] = (_spans[^1].From, Math.Max(_spans[^1].To, span.To));
            }
            else
            {
                _spans.Add((span.From, span.To));
            }
        }
        _replay = new SensorReplay(options.Windows, options.Seal, null);
        _replay.Begin(sensor, new DetectorSet([.. detectors.Detectors.ToArray().Where(d => d is not SilenceDetector)]), int.MaxValue, 0);
    }

    public long First => _spans[0].From;

    public long Last => _spans[^1].To;

    /// <summary>Whether what comes after can change nothing, as far as anybody can wait for it.</summary>
    public bool IsOver => (_followed >= FollowReadings || (_lastTime > Last && _lastTime - Last >= Follow)) && !_replay.IsFlagged(Last);

    /// <summary>Flags found that were not taken.</summary>
    public int FlagCount => _replay.FlagCount;

    public void Add(ReadOnlySpan<Reading> readings)
    {
        if (readings.IsEmpty)
        {
            return;
        }
        _replay.Add(readings);
        _lastTime = readings[^1].Time;
        for (var i = readings.Length - 1; i >= 0 && readings[i].Time > Last; i--)
        {
            _followed++;
        }
    }

    /// <summary>The flags of the late spans that have ended and were not taken before.</summary>
    public List<Flag> Take() => [.. _replay.TakeClosed().Where(Meets).Select(f => f with { Backfilled = true })];

    /// <summary>The rest of them. One that lasts to the end of the history ends with the late readings: of what came in order the live detectors tell.</summary>
    public List<Flag> Finish() =>
    [
        .. _replay.Finish().Flags.Where(Meets).Select(f => f with { To = f.To ?? Math.Max(f.From, Last), State = AlarmState.Cleared, Backfilled = true }),
    ];

    private bool Meets(Flag flag)
    {
        // The first span that does not end before it.
        var (low, high) = (0, _spans.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _spans[middle].To < flag.From ? (middle + 1, high) : (low, middle);
        }
        return low < _spans.Count && (flag.To is null || _spans[low].From <= flag.To);
    }
}
