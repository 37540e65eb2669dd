using SensorGrid.Core.Grid;
using SensorGrid.Ingest.Csv;

namespace SensorGrid.Ingest;

/// <summary>How to read one request body.</summary>
public sealed record DecodeOptions
{
    public required InputFormat Format { get; init; }

    /// <summary>
    /// The unit of integer times. Where null: nanoseconds in line protocol (InfluxDB's default), microseconds in JSON, and in CSV
    /// told from each number's size.
    /// </summary>
    public TimePrecision? Precision { get; init; }

    public IngestDefaults Defaults { get; init; } = IngestDefaults.None;

    public CsvOptions Csv { get; init; } = CsvOptions.Default;
}
