using System.Globalization;
using System.Text;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Tests;

/// <summary>A CSV file of a real machine, read by lines and splits: what a grid that was sent the file must hold.</summary>
internal sealed class RealFile
{
    private readonly string[] _lines;

    /// <param name="options">How the file is sent; where it names a start, times come from that and the step, else from the first column.</param>
    public RealFile(string path, WriteOptions options)
    {
        _lines = File.ReadAllLines(path);
        Options = options;
        var header = _lines[0].Split(',');
        for (var row = 0; row < Rows; row++)
        {
            var cells = _lines[row + 1].Split(',');
            var time = options.Start is { } start ? start + (row * options.Step!.Value) : TimeOf(cells[0]);
            for (var column = 1; column < cells.Length; column++)
            {
                if (double.TryParse(cells[column], CultureInfo.InvariantCulture, out var value))
                {
                    Model.Write($"{options.Factory}/{options.Machine}/{options.Sensor ?? header[column]}", new Reading(time, value));
                    Cells++;
                }
            }
        }
    }

    public WriteOptions Options { get; }

    public int Rows => _lines.Length - 1;

    /// <summary>Numbers in the file, those for the same sensor and time included.</summary>
    public int Cells { get; }

    public PlainModel Model { get; } = new();

    /// <summary>Sends rows of it in pieces of a few hundred, the header on each, as a client does.</summary>
    /// <returns>The readings accepted.</returns>
    public async Task<int> SendAsync(EdgeGrid grid, int from, int to)
    {
        const int PieceRows = 300;
        var accepted = 0;
        for (var row = from; row < to; row += PieceRows)
        {
            var piece = Encoding.UTF8.GetBytes(Piece(row, Math.Min(row + PieceRows, to)));
            var report = await grid.WriteAsync(piece, Options with { FirstRow = row }, CancellationToken.None);
            Assert.Equal((0, 0), (report.Rejected, report.Errors.Count));
            accepted += report.Accepted;
        }
        return accepted;
    }

    /// <summary>Rows of it under its header.</summary>
    public string Piece(int from, int to) => string.Join('\n', _lines[(from + 1)..(to + 1)].Prepend(_lines[0])) + "\n";

    private static long TimeOf(string cell) =>
        EventTime.FromDateTime(DateTime.Parse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal));
}
