namespace SensorGrid.Core.Grid;

public sealed record FactorySummary(string Name, int Machines, int Sensors, int OpenFlags);
