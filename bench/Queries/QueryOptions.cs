namespace SensorGrid.Bench.Queries;

/// <param name="Sensors">Of the one factory, all at a reading in ten seconds but for the first ones.</param>
/// <param name="Requests">Of each small query; a tenth of it of a large one.</param>
internal sealed record QueryOptions(int Sensors, int Requests, int Seed, IReadOnlyList<string> Program)
{
    public const long Day = 24L * 3600 * 1000;

    /// <summary>Sensors at a reading a second.</summary>
    public const int FastSensors = 10;

    /// <summary>The sensor after the fast ones has a million readings in the day.</summary>
    public const int DenseReadings = 1_000_000;

    /// <summary>From reading to reading, microseconds.</summary>
    public static long Step(int sensor) => sensor < FastSensors ? 1_000_000 : sensor == FastSensors ? Day * 1000 / DenseReadings : 10_000_000;
}
