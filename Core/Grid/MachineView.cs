using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Grid;

/// <summary>A machine's twin: its sensors and their roll-up by kind.</summary>
public sealed record MachineView(
    string Path, long? LastTime, IReadOnlyList<SensorSummary> Sensors, IReadOnlyList<KindRollUp> Kinds, IReadOnlyList<Flag> Flags, Counters Counters);
