using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Csv;
using SensorGrid.Ingest.Tests.LineProtocol;

namespace SensorGrid.Ingest.Tests.Csv;

public sealed class CsvReadingsProperties
{
    private const int Columns = 3;

    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2000);
    private static readonly DecodeOptions Options = new() { Format = InputFormat.Csv, Defaults = new IngestDefaults("f", "m") };

    private static readonly Gen<(long Time, string[] Cells)[]> Table =
        (from time in PointGen.Time
         from cells in PointGen.Number.Or(Gen.Constant("")).ArrayOf(Columns)
         select (time, cells)).ArrayOf();

    private static readonly Gen<(char Separator, bool Quote, string End)> Layout =
        from separator in Gen.Elements(',', ';', '\t')
        from quote in ArbMap.Default.GeneratorFor<bool>()
        from end in Gen.Elements("\n", "\r\n")
        select (separator, quote, end);

    [Fact]
    public void Tables_decode_to_exactly_their_cells() =>
        Check.One(Many, Prop.ForAll(Table.ToArbitrary(), Layout.ToArbitrary(), (table, layout) =>
        {
            var decoded = Decoded.Of(Render(table, layout), Options);
            Assert.Empty(decoded.Rejections);
            Assert.Equal(Expected(table), decoded.Rows);
        }));

    [Fact]
    public void Splitting_a_file_between_rows_changes_nothing() =>
        Check.One(Many, Prop.ForAll(Table.ToArbitrary(), Layout.ToArbitrary(), Gen.Choose(0, 50).ToArbitrary(), (table, layout, at) =>
        {
            at = Math.Min(at, table.Length);
            var csv = new CsvOptions { Start = 0, Step = TimeSpan.FromSeconds(1) };
            var whole = Decoded.Of(Render(table, layout), Options with { Csv = csv });
            var first = Decoded.Of(Render(table[..at], layout), Options with { Csv = csv });
            var second = Decoded.Of(Render(table[at..], layout), Options with { Csv = csv with { FirstRow = at } });
            Assert.Equal(whole.Rows, first.Rows.Concat(second.Rows));
        }));

    [Fact]
    public void Good_rows_survive_any_bytes() =>
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Layout.ToArbitrary(), (junk, layout) =>
        {
            var good = Render([(7, ["1", "2", "3"])], layout);
            var row = Encoding.ASCII.GetBytes(good[(good.IndexOf('\n') + 1)..]);
            byte[] body = [.. Encoding.ASCII.GetBytes(good), .. junk, (byte)'\n', .. row];
            var rows = Expected([(7, ["1", "2", "3"]), (7, ["1", "2", "3"])]);
            Assert.Equal(rows, Decoded.Of(body, Options).Rows.Where(r => r.Time == 7));
        }));

    [Fact]
    public void Any_bytes_as_a_whole_file_do_no_harm() =>
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), junk =>
        {
            Decoded.Of(junk, Options);
            Decoded.Of([.. "time,"u8, .. junk], Options);
            Decoded.Of(junk, Options with { Csv = new CsvOptions { Start = 0, Step = TimeSpan.FromSeconds(1) } });
        }));

    private static string Render((long Time, string[] Cells)[] table, (char Separator, bool Quote, string End) layout)
    {
        var text = new StringBuilder();
        string[] header = ["time", "a", "b", "c"];
        foreach (var cells in table.Select(row => row.Cells.Prepend(EventTime.Format(row.Time))).Prepend(header))
        {
            text.AppendJoin(layout.Separator, cells.Select(cell => layout.Quote ? $"\"{cell}\"" : cell)).Append(layout.End);
        }
        return text.ToString();
    }

    private static IEnumerable<Row> Expected((long Time, string[] Cells)[] table) =>
        from row in table
        from column in Enumerable.Range(0, Columns)
        where row.Cells[column].Length > 0
        select new Row($"f/m/{"abc"[column]}", row.Time, double.Parse(row.Cells[column], NumberStyles.Float, CultureInfo.InvariantCulture));
}
