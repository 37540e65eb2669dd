using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A sensor's twin at one moment.</summary>
/// <param name="LateUntil">Its windows that begin at or before this lack late readings: the history has them right.</param>
[GenerateSerializer]
[Immutable]
public sealed record SensorTwinState([property: Id(0)] SensorView View, [property: Id(1)] long LateUntil);
