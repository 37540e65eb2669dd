namespace SensorGrid.Historian.Queries;

/// <summary>A span of one sensor's time, beginning included, end not; microseconds since 1970.</summary>
public readonly record struct SensorSpan(int Sensor, long From, long To);
