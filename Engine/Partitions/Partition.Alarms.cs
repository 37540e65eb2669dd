using System.Collections.Concurrent;
using SensorGrid.Core.Flags;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// What people have made of flags. It lies in Postgres; here are those of flags that memory answers for, so that a twin shows them without asking the store.
/// </summary>
internal sealed partial class Partition
{
    // By the flag's id. Written by the loop.
    private readonly ConcurrentDictionary<string, FlagAlarm> _alarms = [];

    // Whose each open flag is, as in FlagRow, by the number that its id is.
    private readonly Dictionary<ulong, int> _owners = [];

    /// <summary>Before the loop runs.</summary>
    public void Load(IEnumerable<(string Flag, FlagAlarm Alarm)> alarms)
    {
        foreach (var (flag, alarm) in alarms)
        {
            _alarms[flag] = alarm;
        }
    }

    /// <summary>A flag that is open, or that Postgres does not have as it is now; else null.</summary>
    public FlagRow? FindFlag(string id)
    {
        if ((_pending.Flags.GetValueOrDefault(id) ?? _saving?.Flags.GetValueOrDefault(id)) is { } changed)
        {
            return changed with { Flag = WithAlarm(changed.Flag) };
        }
        return FlagId.TryParse(id, out var number) && _owners.TryGetValue(number, out var owner) && OpenFlagsOf(owner).FirstOrDefault(f => f.Id == id) is { } open
            ? new FlagRow(owner, open) : null;
    }

    /// <summary>What has been stored of a flag.</summary>
    /// <param name="stored">The flag with it.</param>
    /// <returns>The flag as it is now.</returns>
    public Flag SetAlarm(FlagRow stored)
    {
        var flag = stored.Flag;
        if (FindFlag(flag.Id) is { } here)
        {
            var alarm = FlagAlarm.Of(flag);
            _alarms[flag.Id] = alarm;
            flag = alarm.On(here.Flag);
        }
        Tell(stored.Sensor, flag);
        return flag;
    }

    private void NoteOwner(int owner, Flag flag)
    {
        FlagId.TryParse(flag.Id, out var number);
        if (flag.To is null)
        {
            _owners[number] = owner;
        }
        else
        {
            _owners.Remove(number);
        }
    }

    // Of twins that were put back; what opens and closes from then on is noted as it does.
    private void NoteOwners()
    {
        _owners.Clear();
        foreach (var owner in _slots.Where(t => !t.OpenFlags.IsEmpty).Select(t => t.Sensor.Id).Concat(_machineSlots.Select(m => FlagRow.MachineOf(m.FirstSensor))))
        {
            foreach (var flag in OpenFlagsOf(owner))
            {
                NoteOwner(owner, flag);
            }
        }
    }

    private IEnumerable<Flag> OpenFlagsOf(int owner) =>
        owner >= 0 ? _twins[owner] is { } twin ? OpenFlags(twin) : []
        : Twin(_catalog[FlagRow.MachineOf(owner)]!.Machine) is { } machine && OpenFlag(machine) is { } flag ? [flag]
        : [];

    private Flag WithAlarm(Flag flag) => !_alarms.IsEmpty && _alarms.TryGetValue(flag.Id, out var alarm) ? alarm.On(flag) : flag;

    // Postgres has all of these flags now.
    private void ForgetAlarms(PendingHistory saved)
    {
        foreach (var (id, _) in _alarms)
        {
            if (saved.Flags.GetValueOrDefault(id)?.Flag.To is not null && !_pending.Flags.ContainsKey(id))
            {
                _alarms.TryRemove(id, out _);
            }
        }
    }
}
