using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A flag as it is now, or a sensor's twin; where it is neither, changes of flags were lost here.</summary>
/// <param name="Watches">Those whose path takes it in; empty for all.</param>
[GenerateSerializer]
[Immutable]
public sealed record LiveItem([property: Id(0)] Flag? Flag, [property: Id(1)] SensorView? Sensor, [property: Id(2)] int[] Watches);
