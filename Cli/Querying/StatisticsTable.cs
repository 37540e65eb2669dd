using System.Globalization;

namespace SensorGrid.Cli.Querying;

/// <summary>
/// The server's CSV as a table for people: the columns that tell most, fractions to six digits. Written row by row, whatever the length.
/// </summary>
internal static class StatisticsTable
{
    private const int TimeWidth = 27;
    private const int NumberWidth = 13;

    private static readonly string[] Shown =
        ["start", "time", "count", "mean", "min", "max", "stddev", "p50", "p95", "p99", "value", "quality"];

    /// <returns>Rows.</returns>
    public static async Task<int> WriteAsync(TextReader csv, TextWriter output, CancellationToken cancellation)
    {
        var header = (await csv.ReadLineAsync(cancellation) ?? "").Split(',');
        var columns = Enumerable.Range(0, header.Length).Where(i => Shown.Contains(header[i])).ToList();
        var hasKind = header[0] is "kind" or "path";
        var titles = Format(columns.Select(c => header[c]));
        var kind = hasKind ? null : "";
        var rows = 0;
        for (; await csv.ReadLineAsync(cancellation) is { } line; rows++)
        {
            var cells = line.Split(',');
            // A kind may have commas in it; the columns behind it have none.
            var extra = cells.Length - header.Length;
            var itsKind = hasKind ? string.Join(',', cells[..(extra + 1)]).Trim('"') : "";
            if (itsKind != kind)
            {
                await output.WriteLineAsync($"{(rows > 0 ? Environment.NewLine : "")}{itsKind}");
            }
            if (itsKind != kind || rows == 0)
            {
                await output.WriteLineAsync(titles);
            }
            kind = itsKind;
            await output.WriteLineAsync(Format(columns.Select(c => cells[c + extra])));
        }
        return rows;
    }

    private static string Format(IEnumerable<string> cells) =>
        string.Concat(cells.Select((cell, i) => i == 0 ? cell.PadRight(TimeWidth) : Number(cell).PadLeft(NumberWidth)));

    private static string Number(string cell) =>
        cell.AsSpan().IndexOfAny('.', 'E') >= 0 && double.TryParse(cell, CultureInfo.InvariantCulture, out var number)
            ? number.ToString(Math.Abs(number) is >= 1e6 and < 1e12 ? "F0" : "G6", CultureInfo.InvariantCulture)
            : cell;
}
