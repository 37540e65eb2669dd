using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;
using SensorGrid.Historian.Restating;

namespace SensorGrid.Engine.Restating;

/// <summary>
/// Late spans of one sensor that lie close together, judged by a fresh twin: to be given the history from some time before them, which warms its detectors
/// up, until <see cref="IsOver"/> or there is no more. Silence is left out: a gap here may be one of deliveries, and nobody can be told in time.
/// </summary>
internal sealed class LateRun : ITwinSink
{
    /// <summary>What follows decides about flags of the last readings, by delays and by the readings that bring a value back.</summary>
    private const long Follow = EventTime.Hour;

    /// <summary>Past that even open flags are not followed: an excursion may last for ever.</summary>
    private const int FollowReadings = 10_000;

    private readonly SensorTwin _twin;
    private readonly TwinContext _context;
    private readonly Dictionary<(string Detector, long From), Flag> _flags = [];
    private readonly List<(long From, long To)> _spans = [];
    private long _lastTime = long.MinValue;
    private int _followed;

    /// <param name="spans">Ascending by their beginning, at least one.</param>
    public LateRun(Sensor sensor, DetectorSet detectors, IEnumerable<LateSpanRow> spans, GridOptions options)
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
        _twin = new SensorTwin(sensor, new DetectorSet([.. detectors.Detectors.ToArray().Where(d => d is not SilenceDetector)]));
        _context = new TwinContext(this, options.Windows, options.Seal);
    }

    public long First => _spans[0].From;

    public long Last => _spans[^1].To;

    /// <summary>The time of the first reading given.</summary>
    public long Begin { get; private set; } = long.MaxValue;

    /// <summary>
    /// Until when flags still open are known to last. Where the history ends that is the last late reading: of what came in order the live detectors tell.
    /// </summary>
    public long End => _followed >= FollowReadings ? _lastTime : Last;

    /// <summary>Whether what comes after can change nothing, as far as anybody can wait for it.</summary>
    public bool IsOver => _followed >= FollowReadings || (_lastTime > Last && _lastTime - Last >= Follow && !IsFlagged);

    /// <summary>Flags found that were not taken.</summary>
    public int FlagCount => _flags.Count;

    /// <summary>Judges readings, though none past the bound of what follows.</summary>
    /// <returns>How many.</returns>
    public int Add(ReadOnlySpan<Reading> readings)
    {
        var following = 0;
        while (following < readings.Length && readings[^(following + 1)].Time > Last)
        {
            following++;
        }
        readings = readings[..^Math.Max(0, _followed + following - FollowReadings)];
        if (readings.IsEmpty)
        {
            return 0;
        }
        _followed = Math.Min(FollowReadings, _followed + following);
        Begin = Math.Min(Begin, readings[0].Time);
        _twin.Apply(readings, _context);
        _lastTime = readings[^1].Time;
        return readings.Length;
    }

    /// <summary>The flags of the late spans that have ended and were not taken before.</summary>
    public List<Flag> Take()
    {
        List<Flag> closed = [.. _flags.Values.Where(f => f.To is not null)];
        closed.ForEach(f => _flags.Remove((f.Detector, f.From)));
        return [.. InOrder(closed)];
    }

    /// <summary>The rest of them. Those still open have no end.</summary>
    public List<Flag> Finish() => [.. InOrder(_flags.Values)];

    void ITwinSink.Flagged(SensorTwin twin, in FlagChange change) =>
        _flags[(change.Detector, change.From)] = change.Of(twin.Sensor.Path) with { Backfilled = true };

    void ITwinSink.Flagged(MachineTwin machine, in FlagChange change)
    {
        // A sensor alone tells nothing of its machine.
    }

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
    {
        // The history has them.
    }

    void ITwinSink.Late(SensorTwin twin, in Reading reading)
    {
        // The history is in order.
    }

    void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
    {
        // The history's windows are restated by others.
    }

    private IEnumerable<Flag> InOrder(IEnumerable<Flag> flags) =>
        flags.Where(Meets).OrderBy(f => f.From).ThenBy(f => f.Detector, StringComparer.Ordinal);

    private bool IsFlagged
    {
        get
        {
            foreach (var flag in _twin.OpenFlags)
            {
                if (flag.From <= Last)
                {
                    return true;
                }
            }
            return false;
        }
    }

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
