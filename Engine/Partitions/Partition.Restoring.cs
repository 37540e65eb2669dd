using System.Buffers.Binary;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Partitions;

/// <summary>Restoring from a snapshot, of which anything may be damaged. All of it before the loop runs.</summary>
internal sealed partial class Partition
{
    /// <summary>Sensors of the catalog that have no twin.</summary>
    public IReadOnlyList<Sensor> WithoutTwin =>
        [.. Enumerable.Range(0, _catalog.Count).Select(id => _catalog[id]!).Where(s => s.Machine.Partition == Number && _twins[s.Id] is null)];

    /// <summary>Sensors whose twin never had a reading.</summary>
    public IEnumerable<Sensor> WithoutReading => _slots.Where(t => t.Counters.Readings == 0).Select(t => t.Sensor);

    /// <summary>Machines whose twin never had a reading.</summary>
    public IReadOnlyList<MachineTwin> NewMachines => [.. _machineSlots.Where(m => m.Twin.Watermark == long.MinValue).Select(m => m.Twin)];

    /// <summary>Where the log is to be read from.</summary>
    public void RestorePosition(long position) => Position = _capturedPosition = position;

    /// <summary>The readings up to a position are lost: they count as applied.</summary>
    public void PassTo(long position) => Position = Math.Max(Position, position);

    /// <summary>One of the sensors of a row of the log that cannot be in it; null where there is none.</summary>
    public int? FindStranger(ReadOnlySpan<int> sensors)
    {
        for (var i = 0; i < sensors.Length; i++)
        {
            // A row has sensors of one partition: its first tells which, and there is no twin of a sensor that nobody knows.
            if ((i == 0 || sensors[i] < 0 || _twins[sensors[i]] is null) && !IsOwn(sensors[i]))
            {
                return sensors[i];
            }
        }
        return null;
    }

    /// <summary>Puts the twins of a chunk back as they were.</summary>
    /// <returns>What of it is damaged; null where nothing is. Where the states are, none of its twins were put back.</returns>
    public ChunkDamage? Restore(SnapshotChunk chunk)
    {
        var twins = new List<SensorTwin>();
        var machines = _machineSlots.Count;
        try
        {
            if (chunk.Number < 0)
            {
                RestoreMachines(chunk.States);
                return null;
            }
            return RestoreTwins(chunk, twins);
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            ForgetFlags([.. twins.Select(t => t.Sensor.Id), .. _machineSlots.Skip(machines).Select(m => FlagRow.MachineOf(m.FirstSensor))]);
            ForgetMachines(machines);
            return new ChunkDamage(chunk.Number, fault.Message, ReadTails(chunk.Tails.Span), []);
        }
    }

    /// <summary>Adds a twin for a sensor that has none.</summary>
    public void Add(Sensor sensor, long sealedUntil, Reading[] tail, in Counters counters) =>
        AddTwin(SensorTwin.Rebuild(sensor, DetectorsFor(sensor), sealedUntil, tail, counters));

    /// <summary>The sensor of a machine whose tail begins last, that is the one that sends most often; null where none has a tail.</summary>
    public SensorTwin? FastestOf(MachineTwin machine)
    {
        var tails = TwinsOf(machine).Where(t => !t.Tail.IsEmpty).ToArray();
        return tails.Where(t => t.Tail.Length >= _options.Seal.Keep).MaxBy(t => t.Tail[0].Time) ?? tails.MaxBy(t => t.Tail[0].Time);
    }

    /// <summary>Lets a machine whose state is lost go on.</summary>
    /// <param name="times">Of some of its readings before those of the tails, ascending.</param>
    /// <param name="from">From here on the tails have all that matters.</param>
    public void Rebuild(MachineTwin machine, IEnumerable<long> times, long from, OpenFlag? open, long now)
    {
        var newest = new SortedSet<long>();
        foreach (var twin in TwinsOf(machine))
        {
            foreach (ref readonly var reading in twin.Tail)
            {
                if (reading.Time >= from)
                {
                    newest.Add(reading.Time);
                }
            }
        }
        machine.Rebuild(times.Concat(newest), open, _rules, this, now);
    }

    /// <summary>
    /// The next checkpoint writes all chunks anew. Twins that were rebuilt have got other places than they had, and so have those after them.
    /// </summary>
    public void MarkChanged()
    {
        _slots.ForEach(t => t.HasChanged = true);
        _machineSlots.ForEach(m => m.Twin.HasChanged = true);
    }

    private IEnumerable<SensorTwin> TwinsOf(MachineTwin machine) => machine.Machine.Sensors.Select(s => _twins[s.Id]).OfType<SensorTwin>();

    private ChunkDamage? RestoreTwins(SnapshotChunk chunk, List<SensorTwin> twins)
    {
        var tails = ReadTails(chunk.Tails.Span);
        var withoutTail = new List<int>();
        foreach (var (sensor, state) in Entries(chunk.States))
        {
            var known = Known(sensor);
            if (_twins[sensor] is not null)
            {
                throw new InvalidDataException("it has a sensor that another chunk has too");
            }
            var tail = tails.GetValueOrDefault(sensor);
            if (tail is null)
            {
                withoutTail.Add(sensor);
            }
            var twin = SensorTwin.Restore(known, DetectorsFor(known), state, tail, _context);
            twins.Add(twin);
            if (!chunk.HasChecksum)
            {
                // Damage shows only where its windows are unpacked.
                _context.Windows(twin, static (_, _, _) => { });
            }
        }
        twins.ForEach(t => AddTwin(t));
        return withoutTail.Count > 0 || !chunk.HasWholeTails
            ? new ChunkDamage(chunk.Number, "its tails are not what was written", null, withoutTail)
            : null;
    }

    // As far as they can be told apart; those that decode, which each has a checksum for.
    private Dictionary<int, Reading[]> ReadTails(ReadOnlySpan<byte> tails)
    {
        var read = new Dictionary<int, Reading[]>();
        while (TryNext(ref tails, out var sensor, out var segment))
        {
            try
            {
                var tail = new Reading[SegmentCodec.Count(segment)];
                SegmentCodec.Decode(segment, tail);
                if (_catalog[sensor]?.Machine.Partition == Number && !read.TryAdd(sensor, tail))
                {
                    // Neither can be told to be its own.
                    read.Remove(sensor);
                }
            }
            catch (CorruptSegmentException)
            {
                // This one is lost.
            }
        }
        return read;
    }

    private void RestoreMachines(ReadOnlySpan<byte> states)
    {
        foreach (var (sensor, state) in Entries(states))
        {
            AddMachine(Known(sensor)).Restore(state, _rules, this);
        }
    }

    // What was told of them while they were put back.
    private void ForgetFlags(HashSet<int> owners)
    {
        foreach (var (id, flag) in _pending.Flags)
        {
            if (owners.Contains(flag.Sensor))
            {
                _pending.Flags.Remove(id);
            }
        }
    }

    private void ForgetMachines(int from)
    {
        foreach (var (twin, _) in _machineSlots.Skip(from))
        {
            _machines.Remove(twin.Machine);
        }
        _machineSlots.RemoveRange(from, _machineSlots.Count - from);
    }

    private static bool IsDamage(Exception fault) =>
        fault is InvalidDataException or CorruptSegmentException or ArgumentException or OverflowException or IndexOutOfRangeException;

    private static List<(int Sensor, byte[] Bytes)> Entries(ReadOnlySpan<byte> states)
    {
        var entries = new List<(int, byte[])>();
        while (TryNext(ref states, out var sensor, out var bytes))
        {
            entries.Add((sensor, bytes));
        }
        return states.IsEmpty ? entries : throw new InvalidDataException("it ends too early");
    }

    // False where no whole entry is left.
    private static bool TryNext(ref ReadOnlySpan<byte> rest, out int sensor, out byte[] bytes)
    {
        (sensor, bytes) = (0, []);
        if (rest.Length < 8 || BinaryPrimitives.ReadInt32LittleEndian(rest[4..]) is var length && (uint)length > (uint)(rest.Length - 8))
        {
            return false;
        }
        sensor = BinaryPrimitives.ReadInt32LittleEndian(rest);
        bytes = rest.Slice(8, length).ToArray();
        rest = rest[(8 + length)..];
        return true;
    }
}
