using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Replays;

/// <summary>
/// Runs readings through fresh twins, one machine after the other. A machine's readings come in slices of time: all before a time, then all up to the next.
/// For each slice its silence is judged over the times of all its sensors, <see cref="Hear"/>; between two silences the sensors are independent of each
/// other, and each takes its run at once, <see cref="Apply"/>. The twins are those of live readings; no clock is asked. Not thread-safe.
/// </summary>
public sealed class MachineReplay : ITwinSink, IWindowSink
{
    private const int MachineItself = -1;

    private readonly TwinContext _context;
    private readonly WindowFold _tailFold;
    private readonly int _level;
    private readonly TimeUnion _times = new();
    private readonly List<Silence> _silences = [];
    private readonly List<long> _firstTimes = [];
    private readonly Dictionary<(int Sensor, string Detector, long From), Flag> _flags = [];
    private MachineTwin? _machine;
    private RuleSet _rules = RuleSet.Default;
    private IReadOnlyList<Sensor> _sensors = [];
    private SensorTwin?[] _twins = [];
    private bool[] _isHeard = [];
    private List<WindowView>?[] _windows = [];
    private int _windowCount;
    private int _unsealed;
    private (int Flags, int Windows) _limits;
    private (bool Flags, bool Windows) _truncated;

    /// <param name="window">The size of the windows whose statistics are wanted; null for none.</param>
    /// <exception cref="ArgumentException">The size is none of those.</exception>
    public MachineReplay(WindowSizes sizes, SealPolicy seal, long? window)
    {
        _context = new TwinContext(this, sizes, seal);
        _tailFold = new WindowFold(sizes, this);
        _level = window is null ? -1 : sizes.LevelOf(window.Value) is var level and >= 0 ? level : throw new ArgumentException("no such window size", nameof(window));
    }

    /// <summary>The machine as a whole sent nothing until <paramref name="Until"/>.</summary>
    private readonly record struct Silence(long Until, long Length, long ClockBefore);

    /// <param name="sensors">All of the machine, which <see cref="Hear"/> and <see cref="Apply"/> name by their index.</param>
    /// <param name="maxFlags">More flags are left out, and so are more windows than <paramref name="maxWindows"/>.</param>
    public void Begin(Machine machine, IReadOnlyList<Sensor> sensors, RuleSet rules, int maxFlags, int maxWindows)
    {
        (_rules, _sensors, _limits, _truncated, _windowCount) = (rules, sensors, (maxFlags, maxWindows), default, 0);
        _twins = new SensorTwin?[sensors.Count];
        _isHeard = new bool[sensors.Count];
        _windows = new List<WindowView>?[sensors.Count];
        _flags.Clear();
        _machine = new MachineTwin(machine);
        _machine.Use(rules, this);
    }

    /// <summary>Begins a slice: hears the readings of all sensors in order of time.</summary>
    /// <param name="runs">For each sensor its readings of the slice, ascending; those that are only to be heard too.</param>
    public void Hear(IReadOnlyList<ReadOnlyMemory<Reading>> runs)
    {
        var machine = _machine ?? throw new InvalidOperationException("no machine has begun");
        _firstTimes.Clear();
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i].Span;
            _times.Add(run);
            if (!run.IsEmpty && !_isHeard[i])
            {
                _isHeard[i] = true;
                _firstTimes.Add(run[0].Time);
            }
        }
        _firstTimes.Sort();
        _silences.Clear();
        var begun = 0;
        foreach (var time in _times.Finish())
        {
            for (; begun < _firstTimes.Count && _firstTimes[begun] < time; begun++)
            {
                machine.Sensors++;
            }
            var silent = machine.Hear(time, this);
            if (silent > 0)
            {
                _silences.Add(new Silence(time, silent, machine.ClockBefore(silent)));
            }
        }
        machine.Sensors += _firstTimes.Count - begun;
        _times.Clear();
    }

    /// <summary>Applies a sensor's readings of the slice. To be called for each replayed sensor, also for one without any.</summary>
    public void Apply(int sensor, ReadOnlySpan<Reading> run)
    {
        var twin = _twins[sensor];
        var at = 0;
        foreach (var silence in _silences)
        {
            var before = at;
            while (at < run.Length && run[at].Time < silence.Until)
            {
                at++;
            }
            twin = Take(sensor, twin, run[before..at]);
            twin?.Excuse(silence.ClockBefore, silence.Length, _context);
        }
        Take(sensor, twin, run[at..]);
    }

    public ReplayedMachine Finish()
    {
        var machine = _machine ?? throw new InvalidOperationException("no machine has begun");
        _machine = null;
        var sensors = new List<(SensorTwin Twin, byte[] Unjudged, byte[] Digest)>();
        foreach (var twin in _twins)
        {
            if (twin is null)
            {
                continue;
            }
            var unjudged = TwinDigest.Of(twin);
            twin.HasChanged = false;
            twin.JudgeSilence(machine.ClockFor(twin, long.MaxValue, 0), _context);
            sensors.Add((twin, unjudged, twin.HasChanged ? TwinDigest.Of(twin) : unjudged));
            if (_level >= 0)
            {
                AddUnsealedWindows(twin);
            }
        }
        var flags = _flags.ToLookup(f => f.Key.Sensor, f => f.Value);
        return new ReplayedMachine(
            machine.Machine, machine.Watermark, InOrder(flags[MachineItself]), TwinDigest.Of(machine),
            [
                .. sensors.Select(s => new ReplayedSensor(
                    s.Twin.Sensor, s.Twin.Counters, s.Twin.Last!.Value.Time, InOrder(flags[s.Twin.Slot]), _windows[s.Twin.Slot] ?? [], s.Digest, s.Unjudged)),
            ],
            _truncated);
    }

    private static Flag[] InOrder(IEnumerable<Flag> flags) => [.. flags.OrderBy(f => f.From).ThenBy(f => f.Detector, StringComparer.Ordinal)];

    private SensorTwin? Take(int sensor, SensorTwin? twin, ReadOnlySpan<Reading> run)
    {
        if (run.IsEmpty)
        {
            return twin;
        }
        if (twin is null)
        {
            var known = _sensors[sensor];
            twin = new SensorTwin(known, _rules.DetectorsFor(known.Machine.Factory.Name, known.Machine.Name, known.Name, known.Kind)) { Slot = sensor };
            _twins[sensor] = twin;
        }
        twin.Apply(run, _context);
        return twin;
    }

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
    {
        // The history has them.
    }

    void ITwinSink.Late(SensorTwin twin, in Reading reading)
    {
        // A replay's readings are in order; the twin counts the one that is not.
    }

    void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
    {
        if (level == _level)
        {
            Add(twin.Slot, window, true);
        }
    }

    void ITwinSink.Flagged(MachineTwin machine, in FlagChange change) => Flagged(MachineItself, machine.Machine.Path, change);

    void ITwinSink.Flagged(SensorTwin twin, in FlagChange change) => Flagged(twin.Slot, twin.Sensor.Path, change);

    void IWindowSink.Closed(int level, WindowStatistics window)
    {
        // The tail's readings close what AddUnsealedWindows has begun.
        if (level == _level)
        {
            Add(_unsealed, window, true);
        }
    }

    private void Flagged(int sensor, string path, in FlagChange change)
    {
        var key = (sensor, change.Detector, change.From);
        if (_flags.Count >= _limits.Flags && !_flags.ContainsKey(key))
        {
            _truncated.Flags = true;
            return;
        }
        _flags[key] = change.Of(path);
    }

    // What the twin's windows would be if its tail were sealed as well, without touching the twin.
    private void AddUnsealedWindows(SensorTwin twin)
    {
        _unsealed = twin.Slot;
        _tailFold.Load(twin.PackedOpenWindows);
        foreach (ref readonly var reading in twin.Tail)
        {
            _tailFold.Add(reading);
        }
        var open = new WindowStatistics();
        _tailFold.Current(_level, open);
        Add(twin.Slot, open, false);
    }

    private void Add(int sensor, WindowStatistics window, bool isClosed)
    {
        if (_windowCount >= _limits.Windows)
        {
            _truncated.Windows = true;
            return;
        }
        _windowCount++;
        (_windows[sensor] ??= []).Add(WindowViews.Of(window, isClosed));
    }
}
