using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Twins;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// The machines' twins, and silence. In a snapshot machines have chunks of their own, numbered from <see cref="SnapshotChunk.FirstOfMachines"/>: <c>State</c> is as
/// for sensors, under the id of the machine's first sensor; <c>Tails</c> is empty.
/// </summary>
internal sealed partial class Partition
{
    private readonly Dictionary<Machine, (MachineTwin Twin, int FirstSensor)> _machines = [];
    private readonly List<(MachineTwin Twin, int FirstSensor)> _machineSlots = [];
    private long _liveSince = long.MaxValue;

    /// <summary>The twin of a machine; null where none of its sensors has one.</summary>
    public MachineTwin? Twin(Machine machine) => _machines.GetValueOrDefault(machine).Twin;

    public Flag? OpenFlag(MachineTwin machine) => machine.OpenFlag is { } open
        ? WithAlarm(new Flag(
            FlagId.Of(machine.Machine.Path, open.Detector, open.From), machine.Machine.Path, open.Detector, open.Severity, open.From, null, open.Score, AlarmState.Active))
        : null;

    /// <summary>
    /// Its twins are as they were. From here on readings come from live sources, and <paramref name="now"/> and what follows count as the time of their arrival.
    /// </summary>
    public void GoLive(long now)
    {
        _liveSince = now;
        NoteOwners();
    }

    /// <summary>
    /// Judges the silence of a share of the sensors and of all machines. Sensors are judged by the machine's clock, so that one sensor's silence is told
    /// while the others go on; the machine, when nothing at all came, by the wall clock since.
    /// </summary>
    /// <param name="now">The wall clock.</param>
    public void JudgeSilence(long now, int share)
    {
        foreach (var (machine, _) in _machineSlots)
        {
            machine.JudgeSilence(machine.Arrivals.Quiet(now, _liveSince), this);
        }
        for (var left = (_slots.Count + share - 1) / share; left > 0; left--)
        {
            _silenceAt = (_silenceAt + 1) % _slots.Count;
            var twin = _slots[_silenceAt];
            var machine = twin.Machine!;
            twin.JudgeSilence(machine.ClockFor(twin, now, machine.Arrivals.Quiet(now, _liveSince)), _context);
        }
    }

    void ITwinSink.Flagged(MachineTwin machine, in FlagChange change) =>
        Flagged(FlagRow.MachineOf(_machines[machine.Machine].FirstSensor), machine.Machine.Path, change);

    private void Hear(MachineTwin machine, long time)
    {
        var silent = machine.Hear(time, this);
        if (silent > 0)
        {
            Excuse(machine, silent);
        }
    }

    private void Excuse(MachineTwin machine, long silent)
    {
        var before = machine.ClockBefore(silent);
        foreach (var sensor in machine.Machine.Sensors)
        {
            _twins[sensor.Id]?.Excuse(before, silent, _context);
        }
    }

    // Readings of one block came at one time: a machine that they return to is noted once.
    private static void NoteArrival(MachineTwin machine, long? now)
    {
        if (now is { } time && time != machine.Arrivals.Last)
        {
            machine.Arrivals.Note(time);
        }
    }

    private MachineTwin MachineOf(Sensor sensor)
    {
        if (_machines.TryGetValue(sensor.Machine, out var known))
        {
            return known.Twin;
        }
        var machine = AddMachine(sensor);
        machine.Use(_rules, this);
        return machine;
    }

    private MachineTwin AddMachine(Sensor first)
    {
        var machine = new MachineTwin(first.Machine) { Slot = _machineSlots.Count };
        _machines.Add(first.Machine, (machine, first.Id));
        _machineSlots.Add((machine, first.Id));
        return machine;
    }

    private IEnumerable<SnapshotChunk> CaptureMachines(ByteArena bytes)
    {
        for (var from = 0; from < _machineSlots.Count; from += ChunkTwins)
        {
            var machines = _machineSlots.GetRange(from, Math.Min(ChunkTwins, _machineSlots.Count - from));
            if (machines.Exists(m => m.Twin.HasChanged))
            {
                yield return new SnapshotChunk(SnapshotChunk.FirstOfMachines + (from / ChunkTwins), bytes.Keep(PackMachines(machines)), default);
                machines.ForEach(m => m.Twin.HasChanged = false);
            }
        }
    }

    private ReadOnlySpan<byte> PackMachines(List<(MachineTwin Twin, int FirstSensor)> machines)
    {
        var scratch = Scratch(SnapshotChunk.HeaderSize + machines.Sum(m => 8 + m.Twin.MaxStateSize));
        var at = SnapshotChunk.HeaderSize;
        foreach (var (twin, sensor) in machines)
        {
            at = Append(scratch, at, sensor, twin.SaveState(scratch.AsSpan(at + 8)).Length);
        }
        SnapshotChunk.WriteHeader(scratch.AsSpan(0, at), []);
        return scratch.AsSpan(0, at);
    }
}
