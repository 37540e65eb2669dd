using System.Text;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Ingest.Csv;

/// <summary>How the first line of a CSV file is read: the same for the decoder and for a client that sends the file in pieces.</summary>
public static class CsvNames
{
    /// <summary>What time columns are called, in the order in which they are looked for, upper or lower case.</summary>
    public static IReadOnlyList<string> Times { get; } = ["time", "timestamp", "datetime", "date"];

    /// <summary>The columns' names; empty for a column without one.</summary>
    /// <param name="line">With or without its line end, without a byte order mark.</param>
    public static IReadOnlyList<string> Columns(ReadOnlySpan<byte> line)
    {
        var row = new CsvRowReader(line, Separator(line));
        return row.Read() ? Columns(row) : [];
    }

    /// <summary>The sensor of a column: every character that a path cannot have becomes an underscore.</summary>
    public static string SensorOf(string column)
    {
        var name = new StringBuilder();
        foreach (var rune in column.Replace("\"\"", "\"", StringComparison.Ordinal).EnumerateRunes())
        {
            name.Append(rune.IsAscii && PathPart.HasOnlyAllowed([(char)rune.Value]) ? (char)rune.Value : '_');
        }
        var part = name.ToString();
        return part is "." or ".." ? part.Replace('.', '_') : part;
    }

    /// <summary>The byte among comma, semicolon and tab that the header line has most of outside quotes; comma where it has none.</summary>
    internal static byte Separator(ReadOnlySpan<byte> body)
    {
        int commas = 0, semicolons = 0, tabs = 0;
        var quoted = false;
        foreach (var b in body)
        {
            if (b == '\n' && !quoted)
            {
                break;
            }
            quoted ^= b == '"';
            commas += !quoted && b == ',' ? 1 : 0;
            semicolons += !quoted && b == ';' ? 1 : 0;
            tabs += !quoted && b == '\t' ? 1 : 0;
        }
        return tabs > Math.Max(commas, semicolons) ? (byte)'\t' : semicolons > commas ? (byte)';' : (byte)',';
    }

    internal static List<string> Columns(in CsvRowReader row)
    {
        var names = new List<string>();
        for (var i = 0; i < Math.Min(row.Count, CsvRowReader.MaxCells); i++)
        {
            names.Add(Encoding.UTF8.GetString(row.Cell(i)).Trim());
        }
        return names;
    }
}
