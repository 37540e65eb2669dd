using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Csv;

namespace SensorGrid.Cli.Ingesting;

/// <summary>How a file's pieces go to the server.</summary>
/// <param name="Target">The request's path and query, without firstRow.</param>
/// <param name="Note">What was chosen for the user, one line.</param>
internal sealed record SendPlan(FileFormat Format, string Target, string MediaType, string Note)
{
    /// <summary>The time of the first row of CSV files that have no times and where the user gave none.</summary>
    public const string DefaultStart = "2024-01-01T00:00:00Z";

    public static readonly TimeSpan DefaultStep = TimeSpan.FromMilliseconds(100);

    /// <exception cref="FileException">The settings and the format do not go together.</exception>
    public static SendPlan OfLines(FileFormat format, IngestSettings settings)
    {
        if (settings.CsvOption is { } option)
        {
            throw new FileException($"{option} goes with CSV only, and this is {(format == FileFormat.Line ? "line protocol" : "JSON")}");
        }
        var query = Query(("factory", settings.Factory), ("machine", settings.Machine), ("precision", settings.Precision));
        return format == FileFormat.Line
            ? new SendPlan(format, "write" + query, "text/plain", "line protocol")
            : new SendPlan(format, "api/readings" + query, "application/json", "JSON");
    }

    /// <exception cref="FileException">Something must be named that cannot be told from the file.</exception>
    public static SendPlan OfCsv(string file, CsvHeader header, IngestSettings settings)
    {
        var factory = settings.Factory ?? FileNames.Factory(file) ?? throw new FileException("name the factory with --factory");
        var machine = settings.Machine ?? FileNames.Machine(file) ?? throw new FileException("name the machine with --machine");
        var (timeColumn, start, step) = Times(header, settings);
        var sensors = header.Sensors(timeColumn).ToList();
        var sensor = settings.Sensor ?? OnlyWithQuality(header, sensors);
        var query = Query(
            ("factory", factory),
            ("machine", machine),
            ("sensor", sensor),
            ("start", start),
            ("step", step is { } known ? Duration.Format(known) : null),
            ("timeColumn", timeColumn),
            ("precision", settings.Precision));
        var what = sensor is not null ? $"sensor {sensor}" : sensors.Count == 1 ? $"sensor {sensors[0]}" : $"{sensors.Count} columns";
        var when = timeColumn is not null ? $"times from column {timeColumn}" : $"rows {Duration.Format(step!.Value)} apart from {start}";
        return new SendPlan(FileFormat.Csv, "api/readings" + query, "text/csv", $"machine {factory}/{machine}, {what}, {when}");
    }

    public string TargetFrom(long firstRow) => firstRow > 0 ? $"{Target}&firstRow={firstRow}" : Target;

    private static (string? Column, string? Start, TimeSpan? Step) Times(CsvHeader header, IngestSettings settings)
    {
        if (settings.Start is not null || settings.Step is not null)
        {
            return (null, settings.Start ?? DefaultStart, settings.Step ?? DefaultStep);
        }
        var column = settings.TimeColumn is { } named
            ? header.Find(named) ?? throw new FileException($"there is no column {named}")
            : header.TimeColumn;
        return column is not null ? (column, null, null)
            : header.LikelyTimeColumn is not { } likely ? (null, DefaultStart, DefaultStep)
            : throw new FileException(
                $"no column is named time, timestamp, datetime or date: give --time-column '{likely}', or --step and --start");
    }

    // A column of qualities is read only where the server is told that there is one sensor.
    private static string? OnlyWithQuality(CsvHeader header, List<string> sensors) =>
        header.Find("quality") is { } quality && sensors.Count == 2 && sensors.Remove(quality) ? CsvNames.SensorOf(sensors[0]) : null;

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new List<string>();
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }
        return query.Count == 0 ? "" : "?" + string.Join('&', query);
    }
}
