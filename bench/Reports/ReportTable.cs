using System.Text;

namespace SensorGrid.Bench.Reports;

/// <summary>A table of the report; printed with bars, so that it is a table in Markdown as well.</summary>
internal sealed class ReportTable(string title, params IReadOnlyList<string> columns)
{
    private readonly List<Cell[]> _rows = [];

    public string Title => title;

    public IReadOnlyList<string> Columns => columns;

    public IReadOnlyList<IReadOnlyList<Cell>> Rows => _rows;

    public void Add(params Cell[] cells)
    {
        if (cells.Length != columns.Count)
        {
            throw new ArgumentException($"A row of {title} has {cells.Length} cells; it must have {columns.Count}.", nameof(cells));
        }
        _rows.Add(cells);
    }

    public string ToText()
    {
        var widths = columns.Select((name, i) => _rows.Select(row => row[i].Text.Length).Append(name.Length).Max()).ToArray();
        var text = new StringBuilder().AppendLine(title).AppendLine();
        AppendRow(text, widths, [.. columns]);
        text.Append('|').AppendJoin('|', widths.Select((width, i) => new string('-', width + 1) + (i == 0 ? "-" : ":"))).AppendLine("|");
        foreach (var row in _rows)
        {
            AppendRow(text, widths, [.. row.Select(cell => cell.Text)]);
        }
        return text.ToString();
    }

    // The first column is a name and stands left; the others are figures and stand right.
    private static void AppendRow(StringBuilder text, int[] widths, string[] cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            text.Append("| ").Append(i == 0 ? cells[i].PadRight(widths[i]) : cells[i].PadLeft(widths[i])).Append(' ');
        }
        text.AppendLine("|");
    }
}
