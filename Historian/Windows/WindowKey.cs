namespace SensorGrid.Historian.Windows;

/// <summary>Which row of the table of windows; start and size in microseconds.</summary>
public readonly record struct WindowKey(int Sensor, long Size, long Start);
