using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A machine's twin and those of its sensors at one moment.</summary>
/// <param name="RollUp">Its sensors' windows, pooled, as <see cref="Core.Twins.RollUp"/> packs them.</param>
[GenerateSerializer]
[Immutable]
public sealed record MachineTwinState(
    [property: Id(0)] MachineSummary Summary,
    [property: Id(1)] SensorSummary[] Sensors,
    [property: Id(2)] byte[] RollUp,
    [property: Id(3)] Flag[] Flags,
    [property: Id(4)] Counters Counters);
