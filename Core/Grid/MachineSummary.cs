namespace SensorGrid.Core.Grid;

/// <param name="LastTime">The time of its newest reading, microseconds since 1970; null before the first.</param>
public sealed record MachineSummary(string Name, int Sensors, long? LastTime, int OpenFlags);
