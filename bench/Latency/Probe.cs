namespace SensorGrid.Bench.Latency;

/// <summary>A reading that must raise a flag.</summary>
/// <param name="Scheduled">When it was to be sent, in ticks of the stopwatch; how late it really was sent counts as latency.</param>
/// <param name="Time">Its event time, milliseconds since 1970.</param>
internal readonly record struct Probe(int Sensor, long Scheduled, long Time);
