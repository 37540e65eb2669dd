using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Replays;

/// <summary>
/// Runs readings through fresh twins, one sensor after the other: <see cref="Begin"/>, its readings in order of time, <see cref="Finish"/>. The twins are
/// those of live readings; no clock is asked. Not thread-safe.
/// </summary>
public sealed class SensorReplay : ITwinSink, IWindowSink
{
    private readonly TwinContext _context;
    private readonly WindowFold _tailFold;
    private readonly int _level;
    private readonly Dictionary<(string Detector, long From), Flag> _flags = [];
    private readonly List<WindowView> _windows = [];
    private SensorTwin? _twin;
    private (int Flags, int Windows) _limits;
    private (bool Flags, bool Windows) _truncated;

    /// <param name="window">The size of the windows whose statistics are wanted; null for none.</param>
    /// <exception cref="ArgumentException">The size is none of those.</exception>
    public SensorReplay(WindowSizes sizes, SealPolicy seal, long? window)
    {
        _context = new TwinContext(this, sizes, seal);
        _tailFold = new WindowFold(sizes, this);
        _level = window is null ? -1 : sizes.LevelOf(window.Value) is var level and >= 0 ? level : throw new ArgumentException("no such window size", nameof(window));
    }

    /// <param name="maxFlags">More flags are left out, and so are more windows than <paramref name="maxWindows"/>.</param>
    public void Begin(Sensor sensor, DetectorSet detectors, int maxFlags, int maxWindows)
    {
        _twin = new SensorTwin(sensor, detectors);
        _limits = (maxFlags, maxWindows);
        _truncated = default;
        _flags.Clear();
        _windows.Clear();
    }

    public void Add(ReadOnlySpan<Reading> readings)
    {
        var (twin, context) = (Twin, _context);
        foreach (ref readonly var reading in readings)
        {
            twin.Apply(reading, context);
        }
    }

    /// <summary>Flags so far that were not taken out.</summary>
    public int FlagCount => _flags.Count;

    /// <summary>Whether a flag that began by a time is open.</summary>
    public bool IsFlagged(long by)
    {
        foreach (var flag in Twin.OpenFlags)
        {
            if (flag.From <= by)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Takes out the flags that have closed so far.</summary>
    public List<Flag> TakeClosed()
    {
        List<Flag> closed = [.. _flags.Values.Where(f => f.To is not null)];
        closed.ForEach(f => _flags.Remove((f.Detector, f.From)));
        return closed;
    }

    public ReplayedSensor Finish()
    {
        var twin = Twin;
        if (_level >= 0)
        {
            AddUnsealedWindows(twin);
        }
        var replayed = new ReplayedSensor(
            twin.Counters, twin.Last?.Time ?? long.MinValue, [.. _flags.Values.OrderBy(f => f.From).ThenBy(f => f.Detector, StringComparer.Ordinal)],
            [.. _windows], _truncated, TwinDigest.Of(twin));
        _twin = null;
        return replayed;
    }

    private SensorTwin Twin => _twin ?? throw new InvalidOperationException("no sensor has begun");

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
    {
        // The history has them.
    }

    void ITwinSink.Late(SensorTwin twin, in Reading reading)
    {
        // A replay's readings are in order; the twin counts the one that is not.
    }

    void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window) => Add(level, window, true);

    // A sensor alone tells nothing of its machine.
    void ITwinSink.Flagged(MachineTwin machine, in FlagChange change)
    {
    }

    void ITwinSink.Flagged(SensorTwin twin, in FlagChange change)
    {
        var key = (change.Detector, change.From);
        if (_flags.Count >= _limits.Flags && !_flags.ContainsKey(key))
        {
            _truncated.Flags = true;
            return;
        }
        var path = twin.Sensor.Path;
        var state = change.To is null ? AlarmState.Active : AlarmState.Cleared;
        _flags[key] = new Flag(
            FlagId.Of(path, change.Detector, change.From), path, change.Detector, change.Severity, change.From, change.To, change.Score, state);
    }

    void IWindowSink.Closed(int level, WindowStatistics window) => Add(level, window, true);

    // What the twin's windows would be if its tail were sealed as well, without touching the twin.
    private void AddUnsealedWindows(SensorTwin twin)
    {
        _tailFold.Load(twin.PackedOpenWindows);
        foreach (ref readonly var reading in twin.Tail)
        {
            _tailFold.Add(reading);
        }
        if (!_tailFold.IsEmpty)
        {
            var open = new WindowStatistics();
            _tailFold.Current(_level, open);
            Add(_level, open, false);
        }
    }

    private void Add(int level, WindowStatistics window, bool isClosed)
    {
        if (level != _level)
        {
            return;
        }
        if (_windows.Count >= _limits.Windows)
        {
            _truncated.Windows = true;
            return;
        }
        _windows.Add(WindowViews.Of(window, isClosed));
    }
}
