namespace SensorGrid.Cli.Ingesting;

/// <summary>What the user said about the files; null: told from each file.</summary>
internal sealed record IngestSettings
{
    public FileFormat? Format { get; init; }

    public string? Factory { get; init; }

    public string? Machine { get; init; }

    /// <summary>The sensor of a CSV file of one sensor.</summary>
    public string? Sensor { get; init; }

    /// <summary>The time of a CSV file's first row, RFC 3339.</summary>
    public string? Start { get; init; }

    /// <summary>From row to row of a CSV file.</summary>
    public TimeSpan? Step { get; init; }

    public string? TimeColumn { get; init; }

    /// <summary>The unit of times that are numbers: ns, us, ms or s.</summary>
    public string? Precision { get; init; }

    /// <summary>The first option given that goes with CSV only.</summary>
    public string? CsvOption =>
        Sensor is not null ? "--sensor"
        : Start is not null ? "--start"
        : Step is not null ? "--step"
        : TimeColumn is not null ? "--time-column"
        : null;
}
