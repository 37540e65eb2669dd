namespace SensorGrid.Bench.Live;

/// <summary>An event that one subscriber got.</summary>
/// <param name="Time">Of the twin's last reading, or of the reading that raised the flag; milliseconds since 1970.</param>
/// <param name="Arrival">Ticks of the stopwatch, which is the same for all processes of a machine.</param>
internal readonly record struct EventSample(bool IsFlag, long Time, long Arrival);
