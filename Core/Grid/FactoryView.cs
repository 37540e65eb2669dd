using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Grid;

/// <summary>A factory's twin: its machines and their roll-up by kind.</summary>
public sealed record FactoryView(
    string Path, IReadOnlyList<MachineSummary> Machines, IReadOnlyList<KindRollUp> Kinds, IReadOnlyList<Flag> Flags, Counters Counters);
