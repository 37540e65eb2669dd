using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Faults.Tests;

/// <summary>
/// The flags of sensors whose readings come in order: those that a twin raises which nothing ever interrupts. Without silence, which is a matter of the
/// whole machine and of the clock.
/// </summary>
internal sealed class ExpectedFlags : ITwinSink
{
    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);
    private readonly Dictionary<string, SensorTwin> _twins = [];
    private readonly Dictionary<string, Flag> _flags = [];
    private readonly TwinContext _context;

    public ExpectedFlags() => _context = new TwinContext(this, WindowSizes.Default, SealPolicy.Default);

    public IEnumerable<string> Paths => _twins.Keys;

    public IEnumerable<Flag> Of(string path) => Comparable(_flags.Values, path);

    /// <summary>Those of a sensor that can be foretold.</summary>
    public static IEnumerable<Flag> Comparable(IEnumerable<Flag> flags, string path) => flags.Where(f => f.Path == path && f.Detector != "silence");

    public void Write(string path, in Reading reading)
    {
        if (!_twins.TryGetValue(path, out var twin))
        {
            var parts = path.Split('/');
            byte[] Part(int i) => Encoding.UTF8.GetBytes(parts[i]);
            var sensor = _catalog.Resolve(Part(0), Part(1), Part(2), out _)!;
            _twins[path] = twin = new SensorTwin(sensor, RuleSet.Default.DetectorsFor(parts[0], parts[1], parts[2], sensor.Kind));
        }
        twin.Apply(reading, _context);
    }

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
    {
    }

    void ITwinSink.Late(SensorTwin twin, in Reading reading)
    {
    }

    void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
    {
    }

    void ITwinSink.Flagged(MachineTwin machine, in FlagChange change)
    {
    }

    void ITwinSink.Flagged(SensorTwin twin, in FlagChange change)
    {
        var path = twin.Sensor.Path;
        var id = FlagId.Of(path, change.Detector, change.From);
        _flags[id] = new Flag(id, path, change.Detector, change.Severity, change.From, change.To, change.Score, default);
    }
}
