using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Faults.Tests;

/// <summary>
/// What the grid must answer of one sender's machines: the last written reading of each (sensor, time), and counts. A batch is written when it is
/// acknowledged; what was tried before may have been applied or not, each time all that it has of
/// a machine, which only the counts can tell.
/// </summary>
internal sealed class GridModel
{
    private readonly Dictionary<string, SensorCounters> _counters = [];
    private readonly Dictionary<string, long> _last = [];
    private readonly Dictionary<string, Bounds> _deadLetters = [];

    public PlainModel Plain { get; } = new();

    public ExpectedFlags Flags { get; } = new();

    /// <summary>Of all that were acknowledged, each batch once.</summary>
    public Counters Totals { get; private set; }

    /// <summary>How often each malformed line is a dead letter.</summary>
    public IReadOnlyDictionary<string, Bounds> DeadLetters => _deadLetters;

    public SensorCounters Counters(string path) => _counters[path];

    /// <param name="unclear">How often it was sent before without an answer that says what became of it.</param>
    public void Write(Batch batch, int unclear)
    {
        var first = Apply(batch.Readings);
        foreach (var (path, reading) in batch.Readings)
        {
            if (BatchGenerator.IsInOrder(path))
            {
                Flags.Write(path, reading);
            }
        }
        Totals = first.Values.Aggregate(Totals, (sum, c) => sum + c);
        // The batch over itself changes nothing but the counts, and each further time does the same again.
        var again = unclear == 0 ? [] : Apply(batch.Readings);
        foreach (var (path, once) in first)
        {
            var more = again.GetValueOrDefault(path);
            var known = _counters.GetValueOrDefault(path, new(default, default, default, default));
            _counters[path] = new(
                known.Readings.Plus(once.Readings, more.Readings, unclear),
                known.Duplicates.Plus(once.Duplicates, more.Duplicates, unclear),
                known.Late.Plus(once.Late, more.Late, unclear),
                known.Corrections.Plus(once.Corrections, more.Corrections, unclear));
        }
        foreach (var mark in batch.BadMarks)
        {
            _deadLetters[mark] = new Bounds(1, 1 + unclear);
        }
    }

    private Dictionary<string, Counters> Apply(IReadOnlyList<(string Path, Reading Reading)> readings)
    {
        var counts = new Dictionary<string, Counters>();
        foreach (var (path, reading) in readings)
        {
            var before = Plain.Write(path, reading);
            var last = _last.GetValueOrDefault(path, long.MinValue);
            counts[path] = counts.GetValueOrDefault(path) + new Counters(
                1, before == reading ? 1 : 0, reading.Time < last ? 1 : 0, before is { } other && other != reading ? 1 : 0);
            _last[path] = Math.Max(last, reading.Time);
        }
        return counts;
    }
}
