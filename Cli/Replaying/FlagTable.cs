namespace SensorGrid.Cli.Replaying;

/// <summary>The server's CSV of compared flags as a table for people. Written row by row, whatever the length.</summary>
internal static class FlagTable
{
    private const int MaxPath = 60;
    private const int Backfilled = 11;

    // outcome, path, detector, severity, from, to, score, live severity, live from, live to, live score, live backfilled
    private static readonly (string Title, int Column, int Live, int Width)[] Columns =
        [("outcome", 0, 0, 8), ("detector", 2, 2, 15), ("severity", 3, 7, 9), ("from", 4, 8, 28), ("to", 5, 9, 28), ("path", 1, 1, MaxPath)];

    public static async Task WriteAsync(TextReader csv, TextWriter output, CancellationToken cancellation)
    {
        await csv.ReadLineAsync(cancellation);
        var isFirst = true;
        while (await csv.ReadLineAsync(cancellation) is { } line)
        {
            if (isFirst)
            {
                await output.WriteLineAsync(string.Concat(Columns.Select(c => c.Title.PadRight(c.Width))).TrimEnd());
                isFirst = false;
            }
            var cells = line.Split(',');
            // One that the replay lost has its live bounds; one that is open reaches beyond the span.
            var isLive = cells[3].Length == 0;
            await output.WriteLineAsync(string.Concat(Columns.Select(c =>
                (cells[isLive ? c.Live : c.Column] is { Length: > 0 } cell ? cell : "open").PadRight(c.Width))).TrimEnd()
                + (cells[Backfilled] == "true" ? "  backfilled" : ""));
        }
    }
}
