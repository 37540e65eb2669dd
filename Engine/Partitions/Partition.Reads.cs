using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Partitions;

internal sealed partial class Partition
{
    private readonly List<SegmentRow> _blockScratch = [];

    /// <summary>
    /// What memory knows of sensors' readings in a span. Ask this before Postgres: a reading that is saved in between is then seen twice, which does no
    /// harm, rather than not at all.
    /// </summary>
    public MemoryHistory[] CopyHistory(IReadOnlyList<int> sensors, long from, long to) => [.. sensors.Select(s => CopyHistory(s, from, to))];

    /// <summary>The flags that opened, changed or closed since the last checkpoint that Postgres has, by id, as they are now.</summary>
    public Dictionary<string, FlagRow> CopyFlags()
    {
        var flags = new Dictionary<string, FlagRow>(_saving?.Flags ?? []);
        foreach (var (id, flag) in _pending.Flags)
        {
            flags[id] = flag;
        }
        foreach (var (id, _) in _alarms)
        {
            if (flags.TryGetValue(id, out var flag))
            {
                flags[id] = flag with { Flag = WithAlarm(flag.Flag) };
            }
        }
        return flags;
    }

    /// <summary>Those of one sensor.</summary>
    public List<Flag> CopyFlags(int sensor) => [.. CopyFlags().Values.Where(f => f.Sensor == sensor).Select(f => f.Flag)];

    /// <summary>Whether memory holds late readings of a sensor that a replay is to judge.</summary>
    public bool HasLateToJudge(int sensor) => _pending.HasLateToJudge(sensor) || _saving?.HasLateToJudge(sensor) == true;

    /// <summary>Sensors, at most so many and from a slot on, whose twins late readings have passed by, and the slot to go on from; -1 where none is left.</summary>
    public (List<int> Sensors, int Next) MarkedTwins(int from, int most)
    {
        var marked = new List<int>();
        for (; from < _slots.Count && marked.Count < most; from++)
        {
            if (_slots[from].LateUntil != long.MinValue)
            {
                marked.Add(_slots[from].Sensor.Id);
            }
        }
        return (marked, from < _slots.Count ? from : -1);
    }

    /// <summary>The number of open flags by factory.</summary>
    public Dictionary<string, int> CountOpenFlags() => _slots.Where(t => !t.OpenFlags.IsEmpty)
        .Select(t => (t.Sensor.Machine.Factory, Count: t.OpenFlags.Length))
        .Concat(_machineSlots.Where(m => m.Twin.OpenFlag is not null).Select(m => (m.Twin.Machine.Factory, Count: 1)))
        .GroupBy(f => f.Factory.Name).ToDictionary(g => g.Key, g => g.Sum(f => f.Count));

    public IEnumerable<Flag> OpenFlags(SensorTwin twin)
    {
        foreach (var flag in twin.OpenFlags.ToArray())
        {
            var path = twin.Sensor.Path;
            yield return WithAlarm(new Flag(
                FlagId.Of(path, flag.Detector, flag.From), path, flag.Detector, flag.Severity, flag.From, null, flag.Score, AlarmState.Active));
        }
    }

    private MemoryHistory CopyHistory(int sensor, long from, long to)
    {
        if (_twins[sensor] is not { } twin)
        {
            return new MemoryHistory(sensor, [], [], long.MinValue);
        }
        var inOrder = new List<Reading>();
        AddBlocks(_saving, twin.Slot, sensor, from, to, inOrder);
        AddBlocks(_pending, twin.Slot, sensor, from, to, inOrder);
        foreach (var reading in twin.Tail)
        {
            if (reading.Time >= from && reading.Time < to)
            {
                inOrder.Add(reading);
            }
        }
        var late = new List<Reading>();
        AddLate(_saving, sensor, from, to, late);
        AddLate(_pending, sensor, from, to, late);
        return new MemoryHistory(sensor, [.. inOrder], LateReadings.SortedDistinct(late), twin.LastTime);
    }

    private void AddBlocks(PendingHistory? history, int slot, int sensor, long from, long to, List<Reading> into)
    {
        if (history is null)
        {
            return;
        }
        history.Blocks.Collect(slot, from, to, _blockScratch);
        foreach (var block in _blockScratch)
        {
            var readings = new Reading[block.Count];
            SegmentCodec.Decode(block.Data.Span, readings);
            into.AddRange(readings.Where(r => r.Time >= from && r.Time < to));
        }
    }

    private static void AddLate(PendingHistory? history, int sensor, long from, long to, List<Reading> into)
    {
        if (history?.Late.GetValueOrDefault(sensor) is { } late)
        {
            into.AddRange(late.Readings.Where(r => r.Time >= from && r.Time < to));
        }
    }
}
