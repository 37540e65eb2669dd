namespace SensorGrid.Core.Grid;

/// <summary>A sensor's twin as it was a moment ago. Windows that wait for late readings to be merged are left out.</summary>
public sealed record SensorUpdate(SensorView Sensor) : LiveUpdate;
