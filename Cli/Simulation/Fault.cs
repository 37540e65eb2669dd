namespace SensorGrid.Cli.Simulation;

/// <summary>A fault of one sensor.</summary>
/// <param name="Sensor">Its index among the plant's sensors.</param>
/// <param name="To">Not contained.</param>
/// <param name="Size">The full offset, in the sensor's unit; 0 for kinds without one.</param>
internal sealed record Fault(int Sensor, FaultKind Kind, DateTimeOffset From, DateTimeOffset To, double Size);
