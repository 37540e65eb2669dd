using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Ingest;

/// <summary>What a server must have.</summary>
/// <param name="Times">The different times of a sensor's readings, milliseconds since 1970.</param>
internal sealed record SentReadings(int Sensors, PlantSignal Signal, Func<int, IReadOnlyCollection<long>> Times);
