using SensorGrid.Ingest.Csv;

namespace SensorGrid.Cli.Ingesting;

/// <summary>The columns that the first line of a CSV file names.</summary>
internal sealed class CsvHeader
{
    private CsvHeader(IReadOnlyList<string> columns) => Columns = columns;

    public IReadOnlyList<string> Columns { get; }

    /// <summary>The names of columns that hold readings.</summary>
    public IEnumerable<string> Sensors(string? timeColumn) => Columns.Where(c => c.Length > 0 && c != timeColumn);

    /// <summary>The first column of a name that the server takes for the time's; null where there is none.</summary>
    public string? TimeColumn => CsvNames.Times.Select(Find).FirstOrDefault(c => c is not null);

    /// <summary>A column that may well hold the time, without having one of its names; null where there is none.</summary>
    public string? LikelyTimeColumn => Columns.FirstOrDefault(c =>
        c.Contains("time", StringComparison.OrdinalIgnoreCase)
        || c.Contains("date", StringComparison.OrdinalIgnoreCase)
        || c.Equals("ts", StringComparison.OrdinalIgnoreCase));

    public string? Find(string name) => Columns.FirstOrDefault(c => c.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <param name="line">With or without its line end.</param>
    public static CsvHeader Parse(ReadOnlySpan<byte> line) => new(CsvNames.Columns(line));
}
