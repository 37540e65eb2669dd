using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Csv;

namespace SensorGrid.Ingest.Tests.Csv;

public sealed class CsvReadingsTests
{
    private const long T = 1_700_000_000_000_000;

    private static readonly DecodeOptions Wide = new() { Format = InputFormat.Csv, Defaults = new IngestDefaults("f", "m") };
    private static readonly DecodeOptions One = Wide with { Defaults = new IngestDefaults("f", "m", "s") };
    private static readonly DecodeOptions Stepped = Wide with { Csv = new CsvOptions { Start = T, Step = TimeSpan.FromMilliseconds(100) } };

    [Theory]
    [InlineData("time,value\n1700000000,1.5\n")]
    [InlineData("timestamp,value\r\n1700000000000,1.5\r\n")]
    [InlineData("\uFEFFtime;value;quality\n1700000000000000;1.5;good")]
    [InlineData("\"Time\"\t\"Value\"\n\"1700000000000000000\"\t\"1.5\"")]
    [InlineData("datetime,pressure\n2023-11-14 22:13:20,1.5\n")]
    [InlineData("index,value,date\n7,1.5,2023-11-14T23:13:20+01:00\n")]
    [InlineData("value , time\n 1.5 , 1700000000 \n")]
    public void One_sensor(string body) => Assert.Equal(new Row("f/m/s", T, 1.5), Decoded.Of(body, One).Single);

    [Fact]
    public void Quality_of_one_sensor()
    {
        var decoded = Decoded.Of("time,value,quality\n1,1,bad\n2,2,\n3,3,uncertain\n4,4,fine\n", One);
        Assert.Equal([Quality.Bad, Quality.Good, Quality.Uncertain], decoded.Rows.Select(row => row.Quality));
        AssertRejected(decoded, (5, "none of good, uncertain, bad"));
    }

    [Fact]
    public void One_column_a_sensor()
    {
        var decoded = Decoded.Of(",time,a,Volume Flow °C,a,state\n0,1,1.5,2,3,on\n1,2,,4,-5e3,off\n", Wide);
        Row[] expected =
        [
            new("f/m/a", 1_000_000, 1.5), new("f/m/Volume_Flow__C", 1_000_000, 2), new("f/m/a_2", 1_000_000, 3),
            new("f/m/Volume_Flow__C", 2_000_000, 4), new("f/m/a_2", 2_000_000, -5000),
        ];
        Assert.Equal(expected, decoded.Rows);
        Assert.Empty(decoded.Rejections);
        Assert.Equal([new TextColumn("state", 2)], decoded.Counts.TextColumns);
        Assert.Equal(2, decoded.Counts.TextSkipped);
        Assert.Null(decoded.Catalog.Find("f", "m", "state"));
    }

    [Fact]
    public void Numbers_with_a_comma_are_refused_and_not_taken_for_text()
    {
        var decoded = Decoded.Of("time;a;b;c\n1;1,5;-1.234,5;1,2,3\n2;1,234.5;,5e3;x,\n", Wide);
        Assert.Empty(decoded.Rows);
        Assert.Equal(["1,5", "-1.234,5", "1,234.5", ",5e3"], decoded.Rejections.Select(r => Encoding.UTF8.GetString(r.Raw)));
        Assert.All(decoded.Rejections, r => Assert.EndsWith("has a comma in its number: decimals need a point, and thousands no separator", r.Reason, StringComparison.Ordinal));
        Assert.Equal([new TextColumn("c", 2)], decoded.Counts.TextColumns);
    }

    [Fact]
    public void Lines_that_end_with_a_carriage_return_alone_are_refused() =>
        AssertRejected(Decoded.Of("time,a\r1,2\r3,4\r", Wide), (1, "the lines end with a carriage return and no newline"));

    [Fact]
    public void Equal_and_odd_column_names_get_names_of_their_own()
    {
        var decoded = Decoded.Of("time,a,a_2,a,a,..,.\n1,1,2,3,4,5,6\n", Wide);
        Assert.Equal(["a", "a_2", "a_3", "a_4", "__", "_"], decoded.Rows.Select(row => row.Path["f/m/".Length..]));
    }

    [Fact]
    public void Text_in_a_column_of_numbers_is_refused_cell_by_cell_in_the_order_of_lines()
    {
        var decoded = Decoded.Of("time,a,b,c\n1,off,1,x\n2,2,err,y\n3,true,NaN,z\n4,4,1e999,\n5,FALSE,5,\nx,6,6,\n7,7\n", Wide);
        Assert.Equal([1.0, 2, 1, 4, 0, 5], decoded.Rows.Select(row => row.Value));
        AssertRejected(
            decoded,
            (2, "column a: the cell is not a number"), (3, "column b: the cell is not a number"), (4, "column b: the cell is NaN or infinite"),
            (5, "column b: the cell is too large for a double"), (7, "the time is neither"), (8, "the row has 2 cells, the header has 4"));
        Assert.Equal(["off", "err", "NaN", "1e999", "x,6,6,", "7,7"], decoded.Rejections.Select(r => Encoding.UTF8.GetString(r.Raw)));
        Assert.Equal([new TextColumn("c", 3)], decoded.Counts.TextColumns);
    }

    [Fact]
    public void Times_by_row_number()
    {
        var whole = Decoded.Of("a,b\n1,2\n3,4\n\n5,6\n", Stepped);
        Assert.Equal([T, T, T + 100_000, T + 100_000, T + 200_000, T + 200_000], whole.Rows.Select(row => row.Time));
        var piece = Decoded.Of("a,b\n5,6\nx,7\n", Stepped with { Csv = Stepped.Csv with { FirstRow = 2 } });
        Assert.Equal([new Row("f/m/a", T + 200_000, 5), new Row("f/m/b", T + 200_000, 6), new Row("f/m/b", T + 300_000, 7)], piece.Rows);
        AssertRejected(piece, (5, "not a number"));
        var single = Decoded.Of("a\n1\n\n3\n", Stepped);
        Assert.Equal([T, T + 200_000], single.Rows.Select(row => row.Time));
    }

    [Fact]
    public void Times_from_a_column_with_a_name_of_its_own()
    {
        var options = Wide with { Csv = new CsvOptions { TimeColumn = "ts" }, Precision = TimePrecision.Milliseconds };
        Assert.Equal([new Row("f/m/time", 5000, 1), new Row("f/m/a", 5000, 2)], Decoded.Of("TS,time,a\n5,1,2\n", options).Rows);
    }

    [Fact]
    public void Quotes()
    {
        var decoded = Decoded.Of("time,\"a,\"\"1\",b\n1,\"2\",3\n2,\"open,3\n3,\"4\"x,5\n4,6\"7,8\n5,9,\"10\"\r\n\"\n6,11,\"12\"\"\"", Wide);
        Assert.Equal(["f/m/a__1", "f/m/b", "f/m/b", "f/m/a__1", "f/m/b", "f/m/a__1"], decoded.Rows.Select(row => row.Path));
        AssertRejected(
            decoded,
            (3, "quote is not closed"), (4, "goes on behind its quote"), (5, "column a__1: the cell is not a number"), (7, "quote is not closed"),
            (8, "column b: the cell is not a number"));
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "no column time, timestamp, datetime or date")]
    [InlineData("time\n1\n", "names no column of readings")]
    [InlineData("time,\"a\n1,2\n", "a quote is not closed")]
    [InlineData("time{0}\n1{0}\n", "the header has 10001 columns")]
    public void A_header_that_cannot_be_read(string body, string reason)
    {
        var decoded = Decoded.Of(body.Replace("{0}", new string(',', 10_000)), Wide);
        Assert.Empty(decoded.Rows);
        AssertRejected(decoded, (1, reason));
    }

    [Fact]
    public void A_request_that_cannot_be_read()
    {
        const string Body = "time,a,b\n1,2,3\n";
        AssertRejected(Decoded.Of(Body, One), (1, "names the one sensor s, but the header has no column value"));
        AssertRejected(Decoded.Of(Body, Wide with { Defaults = new IngestDefaults("f") }), (1, "the request names no machine"));
        AssertRejected(Decoded.Of(Body, Wide with { Defaults = IngestDefaults.None }), (1, "the request names no factory"));
        AssertRejected(Decoded.Of(Body, Wide with { Defaults = new IngestDefaults("f/g", "m") }), (1, "the factory has a character"));
        AssertRejected(Decoded.Of(Body, Wide with { Csv = new CsvOptions { Start = 0 } }), (1, "start needs a positive step"));
        AssertRejected(Decoded.Of(Body, Wide with { Csv = new CsvOptions { Step = TimeSpan.FromSeconds(1) } }), (1, "step needs a start"));
        AssertRejected(Decoded.Of(Body, Wide with { Csv = new CsvOptions { TimeColumn = "c" } }), (1, "the header has no column c"));
    }

    [Fact]
    public void Times_out_of_range()
    {
        var body = "time,a\n1969-12-31 23:59:59,1\n2026-02-01 12:00:00.000001,2\n99999999999999999999,3\n,4\n2026-02-01 12:00:00,5\n";
        var decoded = Decoded.Of(body, Wide);
        Assert.Equal([5.0], decoded.Rows.Select(row => row.Value));
        AssertRejected(decoded, (2, "lies outside"), (3, "a day ahead"), (4, "neither a date"), (5, "neither a date"));
        var far = Stepped with { Csv = Stepped.Csv with { Step = TimeSpan.MaxValue, FirstRow = long.MaxValue } };
        AssertRejected(Decoded.Of("a\n1\n", far), (int.MaxValue, "lies outside"));
    }

    [Fact]
    public void Columns_that_cannot_be_sensors()
    {
        var decoded = Decoded.Of($"time,{new string('x', 129)},a,b\n1,1,2,3\n2,1,4,5\n", Wide, new CatalogLimits(SensorsPerMachine: 1));
        Assert.Equal([2.0, 4.0], decoded.Rows.Select(row => row.Value));
        AssertRejected(decoded, (1, "column 2: its name is longer than 128"), (2, "column b: the cell and all below it are refused: machine f/m"));
    }

    [Fact]
    public void Faults_are_counted_beyond_what_is_kept()
    {
        var body = "time,a,b\n1,1,1\n" + string.Concat(Enumerable.Repeat("1,x,y\n", 1500));
        var decoded = Decoded.Of(body, Wide);
        Assert.Equal((2, 3000, Rejections.MaxKept), (decoded.Rows.Count, decoded.RejectedCount, decoded.Rejections.Count));
        Assert.Equal(decoded.Rejections.Select(r => r.Line).Order(), decoded.Rejections.Select(r => r.Line));
    }

    [Fact]
    public void Nothing() => Assert.Equal(new DecodeCounts(0, 0, 0, []), Decoded.Of("", Wide).Counts);

    private static void AssertRejected(Decoded decoded, params (int Line, string Reason)[] expected)
    {
        Assert.Equal(expected.Select(e => e.Line), decoded.Rejections.Select(r => r.Line));
        Assert.All(expected.Zip(decoded.Rejections), pair => Assert.Contains(pair.First.Reason, pair.Second.Reason));
    }
}
