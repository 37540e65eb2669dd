using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Cli.Ingesting;

namespace SensorGrid.Cli.Tests.Ingesting;

public sealed class PieceReaderTests
{
    private static readonly Gen<string> Texts = Gen.Elements("a", "bc", "1,2", "\"", "\\", "\n", "\r\n", "\n\n", "xyzxyzxyz=1 ")
        .ListOf().Select(string.Concat);

    [Fact]
    public void Pieces_of_any_text_are_whole_lines_and_join_to_it() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1_000),
        Prop.ForAll(Gen.Zip(Texts, Gen.Choose(1, 40)).ToArbitrary(), Gen.Elements(Enum.GetValues<FileFormat>()).ToArbitrary(), (input, format) =>
        {
            var (text, size) = input;
            var pieces = Read(text, size, format);
            var line = 1;
            foreach (var (piece, first) in pieces)
            {
                Assert.Equal(line, first);
                line += piece.Count(c => c == '\n');
            }
            Assert.All(pieces.SkipLast(1), p => Assert.EndsWith("\n", p.Text, StringComparison.Ordinal));
            Assert.Equal(text, string.Concat(pieces.Select(p => p.Text)));
        }));

    [Theory]
    [InlineData("a,b\n1,2\n\n\r\n3,4\n", true, new long[] { 0, 1, 1 }, new long[] { 2, 3, 5 })]
    [InlineData("a\n1\n\n\n4\n", false, new long[] { 0, 3 }, new long[] { 2, 5 })]
    public async Task Rows_are_counted_as_the_server_counts_them_and_lines_as_editors_do(string text, bool skipsEmptyRows, long[] rows, long[] lines)
    {
        var reader = new PieceReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), 4, 100);
        var first = await reader.PeekAsync(CancellationToken.None);
        reader.TakeHeader(first.Span.IndexOf((byte)'\n') + 1, skipsEmptyRows);
        var seen = new List<(long Row, long Line)>();
        while (await reader.ReadAsync(FileFormat.Csv, CancellationToken.None) is { } piece)
        {
            seen.Add((piece.FirstRow, piece.FirstLine));
            Assert.Equal(1, piece.FileLine(piece.FirstRow + 1));
            Assert.Equal(piece.FirstLine, piece.FileLine(piece.FirstRow + 2));
            piece.Dispose();
        }
        Assert.Equal(rows.Zip(lines), seen);
    }

    [Fact]
    public async Task A_line_beyond_the_limit_is_refused()
    {
        var reader = new PieceReader(new MemoryStream(Encoding.UTF8.GetBytes("a\n" + new string('b', 200))), 16, 100);
        (await reader.ReadAsync(FileFormat.Line, CancellationToken.None))!.Dispose();
        var fault = await Assert.ThrowsAsync<FileException>(async () => await reader.ReadAsync(FileFormat.Line, CancellationToken.None));
        Assert.Equal("line 2 is longer than 100 bytes", fault.Message);
    }

    [Fact]
    public async Task An_array_beyond_the_limit_is_refused()
    {
        var reader = new PieceReader(new MemoryStream(new byte[101]), 16, 100);
        var fault = await Assert.ThrowsAsync<FileException>(async () => await reader.ReadWholeAsync(CancellationToken.None));
        Assert.Equal("a JSON array of more than 100 bytes: write it with one reading a line (NDJSON)", fault.Message);
    }

    private static List<(string Text, long FirstLine)> Read(string text, int size, FileFormat format)
    {
        var pieces = new List<(string, long)>();
        var reader = new PieceReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), size, 1 << 20);
        while (reader.ReadAsync(format, CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } piece)
        {
            pieces.Add((Encoding.UTF8.GetString(piece.Bytes.Span), piece.FirstLine));
            piece.Dispose();
        }
        return pieces;
    }
}
