using System.Text;

namespace SensorGrid.Cli.Ingesting;

/// <summary>The columns that the first line of a CSV file names, split as the server splits it.</summary>
internal sealed class CsvHeader
{
    private static readonly string[] TimeNames = ["time", "timestamp", "datetime", "date"];

    private CsvHeader(IReadOnlyList<string> columns) => Columns = columns;

    public IReadOnlyList<string> Columns { get; }

    /// <summary>The names of columns that hold readings.</summary>
    public IEnumerable<string> Sensors(string? timeColumn) => Columns.Where(c => c.Length > 0 && c != timeColumn);

    /// <summary>The first column of a name that the server takes for the time's; null where there is none.</summary>
    public string? TimeColumn => TimeNames.Select(Find).FirstOrDefault(c => c is not null);

    /// <summary>A column that may well hold the time, without having one of its names; null where there is none.</summary>
    public string? LikelyTimeColumn => Columns.FirstOrDefault(c =>
        c.Contains("time", StringComparison.OrdinalIgnoreCase)
        || c.Contains("date", StringComparison.OrdinalIgnoreCase)
        || c.Equals("ts", StringComparison.OrdinalIgnoreCase));

    public string? Find(string name) => Columns.FirstOrDefault(c => c.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <param name="line">With or without its line end.</param>
    public static CsvHeader Parse(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line).TrimEnd('\n').TrimEnd('\r');
        var separator = Separator(text);
        var columns = new List<string>();
        for (var at = 0; at <= text.Length; at++)
        {
            var isQuoted = at < text.Length && text[at] == '"';
            var start = isQuoted ? at + 1 : at;
            var end = isQuoted ? ClosingQuote(text, start) : start;
            at = text.IndexOf(separator, Math.Min(end, text.Length));
            at = at < 0 ? text.Length : at;
            columns.Add(text[start..(isQuoted ? end : at)].Trim());
        }
        return new CsvHeader(columns);
    }

    private static int ClosingQuote(string text, int start)
    {
        for (var at = start; ; at += 2)
        {
            at = text.IndexOf('"', at);
            if (at < 0 || at + 1 >= text.Length || text[at + 1] != '"')
            {
                return at < 0 ? text.Length : at;
            }
        }
    }

    private static char Separator(string text)
    {
        int commas = 0, semicolons = 0, tabs = 0;
        var isQuoted = false;
        foreach (var c in text)
        {
            isQuoted ^= c == '"';
            commas += !isQuoted && c == ',' ? 1 : 0;
            semicolons += !isQuoted && c == ';' ? 1 : 0;
            tabs += !isQuoted && c == '\t' ? 1 : 0;
        }
        return tabs > Math.Max(commas, semicolons) ? '\t' : semicolons > commas ? ';' : ',';
    }
}
