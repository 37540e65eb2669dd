namespace SensorGrid.Core.Grid;

/// <summary>How to read a body.</summary>
public sealed record WriteOptions(InputFormat Format)
{
    /// <summary>The unit of numbers that stand for times; null for the format's default (line protocol: nanoseconds).</summary>
    public TimePrecision? Precision { get; init; }

    /// <summary>The factory of readings that name none.</summary>
    public string? Factory { get; init; }

    /// <summary>The machine of readings that name none.</summary>
    public string? Machine { get; init; }

    /// <summary>The sensor of a CSV file of one sensor.</summary>
    public string? Sensor { get; init; }

    /// <summary>CSV without a time column: the time of the file's first row, microseconds since 1970.</summary>
    public long? Start { get; init; }

    /// <summary>CSV without a time column: microseconds from row to row.</summary>
    public long? Step { get; init; }

    /// <summary>CSV sent in pieces, the header repeated: how many rows of the file came before this piece.</summary>
    public int FirstRow { get; init; }

    /// <summary>CSV: the name of the time column, where it is not one of the usual ones.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>Where the body came from, for the dead letters.</summary>
    public string Source { get; init; } = "unknown";
}
