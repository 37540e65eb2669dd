namespace SensorGrid.Historian.Restating;

/// <summary>A sensor that has spans waiting to be judged.</summary>
/// <param name="IsOverdue">One of them has waited for as long as it should.</param>
/// <param name="HasLate">Further readings to be judged wait to be merged.</param>
public readonly record struct LateSpanSensor(int Sensor, bool IsOverdue, bool HasLate);
