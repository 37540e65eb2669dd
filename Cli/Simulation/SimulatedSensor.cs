using SensorGrid.Core.Grid;

namespace SensorGrid.Cli.Simulation;

/// <summary>A sensor of the simulated plant.</summary>
/// <param name="Unit">Of its values.</param>
/// <param name="Low">The least value in normal running, less some room; null where there is no such limit.</param>
/// <param name="High">The largest, likewise.</param>
internal sealed record SimulatedSensor(GridPath Path, string Unit, double? Low, double? High);
