using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Twins;

/// <summary>A reading as it comes, and what happens after it.</summary>
public readonly record struct Delivery(int Sensor, Reading Reading, Pause Then);
