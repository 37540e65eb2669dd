using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Tests.Windows;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Twins;

/// <summary>A host in memory: the twins of a few sensors, their history in dictionaries, the rows of all windows that have closed.</summary>
internal sealed class PlainHost : ITwinSink
{
    public static readonly WindowSizes Sizes = WindowSizes.Default;

    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);
    private readonly SealPolicy _seal;
    private readonly SortedDictionary<int, SensorTwin> _twins = [];
    private readonly Dictionary<int, SortedDictionary<long, Reading>> _history = [];
    private readonly Dictionary<(int Sensor, int Level, long Start), WindowStatistics> _rows = [];
    private readonly HashSet<(int Sensor, int Level, long Start)> _stale = [];
    private readonly Dictionary<int, Counters> _lateCounts = [];
    private TwinContext _context;

    public PlainHost(SealPolicy seal)
    {
        _seal = seal;
        _context = NewContext();
    }

    public void Take(Delivery delivery)
    {
        if (!_twins.TryGetValue(delivery.Sensor, out var twin))
        {
            var sensor = _catalog.Resolve("f"u8, "m"u8, [(byte)('a' + delivery.Sensor)], out _)!;
            _twins[delivery.Sensor] = twin = new SensorTwin(sensor, DetectorSet.Empty);
            _history[sensor.Id] = [];
        }
        twin.Apply(delivery.Reading, _context);
        switch (delivery.Then)
        {
            case Pause.Request:
                _context = NewContext();
                break;
            case Pause.Restate:
                Restate();
                break;
            case Pause.Checkpoint or Pause.Restart or Pause.Kill:
                SaveAndRestore();
                break;
        }
    }

    public SensorTwin Twin(int sensor) => _twins[sensor];

    public Counters CountersOf(int sensor) => _twins[sensor].Counters + _lateCounts.GetValueOrDefault(_twins[sensor].Sensor.Id);

    /// <summary>Every bit of a sensor's windows that have closed.</summary>
    public IEnumerable<string> Rows(int sensor) => _rows.Where(r => r.Key.Sensor == _twins[sensor].Sensor.Id).Select(r => ClosedWindows.Text(r.Key.Level, r.Value));

    /// <summary>Every bit of the windows that a twin answers with.</summary>
    public List<string> Windows(SensorTwin twin)
    {
        var texts = new List<string>();
        _context.Windows(twin, (level, window, closed) => texts.Add($"{closed} {ClosedWindows.Text(level, window)}"));
        return texts;
    }

    public IEnumerable<WindowStatistics> RowsOf(int sensor) => _rows.Where(r => r.Key.Sensor == _twins[sensor].Sensor.Id).Select(r => r.Value);

    /// <summary>Computes again what late readings have made untrue, of the rows and of the twins.</summary>
    public void Restate()
    {
        foreach (var (sensor, level, start) in _stale)
        {
            var fold = new SpanFold(Sizes, level, start, start + Sizes[level]);
            fold.Add(_history[sensor].Values.ToArray());
            _rows[(sensor, level, start)] = fold.Finish().Single().Window;
        }
        _stale.Clear();
        foreach (var twin in _twins.Values)
        {
            if (TwinRepair.Begin(twin, Sizes) is { } repair)
            {
                Repair(repair, [.. _history[twin.Sensor.Id].Values]);
                Assert.True(repair.Apply(twin));
            }
        }
    }

    /// <summary>Repairs a twin from its whole history.</summary>
    public static void Repair(TwinRepair repair, Reading[] distinct)
    {
        foreach (var run in distinct.Where(r => r.Time >= repair.From && r.Time <= repair.SealedUntil).Chunk(7))
        {
            repair.Add(run);
        }
        var before = distinct.Where(r => r.Time < repair.From).ToArray();
        for (var level = 0; level < Sizes.Count && before.Length > 0; level++)
        {
            if (repair.Lacks(level))
            {
                var start = Sizes.Start(level, before[^1].Time);
                var fold = new SpanFold(Sizes, level, start, start + Sizes[level]);
                fold.Add(before);
                repair.Take(level, fold.Finish()[0].Window);
            }
        }
    }

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
    {
        foreach (var reading in readings)
        {
            _history[twin.Sensor.Id].Add(reading.Time, reading);
        }
    }

    void ITwinSink.Late(SensorTwin twin, in Reading reading)
    {
        var id = twin.Sensor.Id;
        if (_history[id].TryGetValue(reading.Time, out var known))
        {
            var isSame = known == reading;
            _lateCounts[id] = _lateCounts.GetValueOrDefault(id) + new Counters(0, isSame ? 1 : 0, 0, isSame ? 0 : 1);
        }
        _history[id][reading.Time] = reading;
        for (var level = 0; level < Sizes.Count; level++)
        {
            var start = Sizes.Start(level, reading.Time);
            if (start + Sizes[level] <= twin.SealedUntil)
            {
                _stale.Add((id, level, start));
            }
        }
    }

    void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
    {
        if (window.Start <= twin.LateUntil)
        {
            _stale.Add((twin.Sensor.Id, level, window.Start));
            return;
        }
        var copy = new WindowStatistics();
        copy.CopyFrom(window);
        Assert.True(_rows.TryAdd((twin.Sensor.Id, level, window.Start), copy), "a window closes once");
    }

    void ITwinSink.Flagged(SensorTwin twin, in FlagChange change) => Assert.Fail("there are no detectors");

    void ITwinSink.Flagged(MachineTwin machine, in FlagChange change) => Assert.Fail("there are no detectors");

    private TwinContext NewContext() => new(this, Sizes, _seal);

    private void SaveAndRestore()
    {
        _context = NewContext();
        foreach (var (sensor, twin) in _twins.ToArray())
        {
            var state = new byte[twin.MaxStateSize];
            var length = twin.SaveState(state);
            _twins[sensor] = SensorTwin.Restore(twin.Sensor, DetectorSet.Empty, state.AsSpan(0, length), twin.Tail, _context);
        }
    }
}
