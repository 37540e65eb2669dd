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
        return _slots.Where(t => !t.OpenFlags.IsEmpty).SelectMany(t => OpenFlags(t).Select(f => new FlagRow(t.Sensor.Id, f)))
            .Concat(_machineSlots.Select(m => OpenFlag(m.Twin) is { } flag ? new FlagRow(FlagRow.MachineOf(m.FirstSensor), flag) : null).OfType<FlagRow>())
            .FirstOrDefault(f => f.Flag.Id == id);
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
