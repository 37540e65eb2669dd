using SensorGrid.Core.Flags;

namespace SensorGrid.Historian.Flags;

/// <summary>A flag as it lies in the table, under its sensor's id or <see cref="MachineOf"/> the id of any sensor of its machine.</summary>
public sealed record FlagRow(int Sensor, Flag Flag)
{
    /// <summary>What stands for the machine of a sensor where a flag is the machine's.</summary>
    public static int MachineOf(int sensor) => ~sensor;
}
