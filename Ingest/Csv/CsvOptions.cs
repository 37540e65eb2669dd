namespace SensorGrid.Ingest.Csv;

/// <summary>Where the times of a CSV file come from.</summary>
public sealed record CsvOptions
{
    public static readonly CsvOptions Default = new();

    /// <summary>The header of the time column; where null the first of time, timestamp, datetime, date that the file has.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>
    /// The time of the file's first data row, microseconds since 1970-01-01 UTC. Row number and <see cref="Step"/> give all times then.
    /// </summary>
    public long? Start { get; init; }

    public TimeSpan? Step { get; init; }

    /// <summary>
    /// How many data rows of the file lie before this body, which repeats the header: for a file sent in pieces. Added to the row
    /// numbers of rejections too.
    /// </summary>
    public long FirstRow { get; init; }
}
