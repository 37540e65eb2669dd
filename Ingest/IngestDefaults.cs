namespace SensorGrid.Ingest;

/// <summary>
/// The parts of a path that a request gives for readings that lack them. <paramref name="Sensor"/> is read by JSON and CSV only.
/// </summary>
public sealed record IngestDefaults(string? Factory = null, string? Machine = null, string? Sensor = null)
{
    public static readonly IngestDefaults None = new();
}
