using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Engine.Partitions;

/// <summary>A machine's twin as it is at one moment: its sensors and their roll-up, which is empty where nobody asked for it.</summary>
internal sealed record MachineState(
    Machine Machine, MachineSummary Summary, IReadOnlyList<SensorSummary> Sensors, RollUp RollUp, IReadOnlyList<Flag> Flags, Counters Counters)
{
    public static MachineState Of(Partition partition, Machine machine, WindowSizes sizes, bool withRollUp)
    {
        var rollUp = new RollUp(sizes);
        var sensors = new List<SensorSummary>();
        var flags = new List<Flag>();
        var counters = default(Counters);
        long? last = null;
        if (partition.Twin(machine) is { } whole && partition.OpenFlag(whole) is { } silent)
        {
            flags.Add(silent);
        }
        foreach (var sensor in machine.Sensors.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            if (partition.Twin(sensor.Id) is not { } twin)
            {
                sensors.Add(new SensorSummary(sensor.Name, sensor.Kind, null, 0));
                continue;
            }
            if (withRollUp)
            {
                rollUp.Add(twin, partition.Context);
            }
            counters += partition.CountersOf(twin);
            flags.AddRange(partition.OpenFlags(twin));
            sensors.Add(new SensorSummary(sensor.Name, sensor.Kind, twin.Last, twin.OpenFlags.Length));
            last = twin.Last is { } reading && (last is null || reading.Time > last) ? reading.Time : last;
        }
        return new MachineState(machine, new MachineSummary(machine.Name, sensors.Count, last, flags.Count), sensors, rollUp, flags, counters);
    }
}
