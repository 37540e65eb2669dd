using System.Text;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Tests.LineProtocol;

public sealed class LineProtocolTests
{
    private const string Series = "temperature,factory=f01,machine=m0123";

    private static readonly IngestDefaults Defaults = new("f", "m");

    [Theory]
    [InlineData("temperature,factory=f01,machine=m0123 temperature-07=53.21 1700000000000000", "f01/m0123/temperature-07")]
    [InlineData("temperature,factory=f01,machine=m0123 value=53.21 1700000000000000", "f01/m0123/temperature")]
    [InlineData("t,machine=m0123,sensor=s1,factory=f01 value=53.21 1700000000000000", "f01/m0123/s1")]
    [InlineData("t,machine=m0123,sensor=s1,factory=f01 field=53.21 1700000000000000", "f01/m0123/s1.field")]
    [InlineData("t,machine=m0123,sensor=s1,factory=f01 t=53.21,text=\"a\" 1700000000000000", "f01/m0123/s1")]
    [InlineData("t,host=h1.plant,factory=f01 x=53.21 1700000000000000", "f01/h1.plant/x")]
    [InlineData("t,host=h1,machine=m1,factory=f01 x=53.21 1700000000000000", "f01/m1/x")]
    [InlineData("t x=53.21 1700000000000000", "f/m/x")]
    [InlineData("t,host=h1 x=53.21 1700000000000000", "f/h1/x")]
    [InlineData("  t,host=h1   x=53.21   1700000000000000  ", "f/h1/x")]
    [InlineData("t,odd\\ key=odd\\,value\\=1,host=h1 x=53.21 1700000000000000", "f/h1/x")]
    [InlineData("we\\ ird\\,name=1,host=h1 x=53.21 1700000000000000", "f/h1/x")]
    [InlineData("t,path=C:\\dir,host=h1 x=53.21 1700000000000000\r\n", "f/h1/x")]
    [InlineData("\uFEFFt x=53.21 1700000000000000", "f/m/x")]
    public void A_point_names_its_sensor(string line, string path)
    {
        for (var ending = 0; ending < 2; ending++, line += "\n")
        {
            Assert.Equal(new Row(path, 1_700_000_000_000_000, 53.21), Decoded.Line(line, Defaults).Single);
        }
    }

    [Fact]
    public void Several_numeric_fields_are_several_sensors()
    {
        const string Body = "t,sensor=s1 value=1,a=2i,text=\"x, y=3\",b=t 5\nt a=1,b=2u 6\nt,sensor=s1 a=7 7\nt,sensor=s1 a=8,b=9 8";
        var decoded = Decoded.Line(Body, Defaults);
        Row[] expected =
        [
            new("f/m/s1", 5, 1), new("f/m/s1.a", 5, 2), new("f/m/s1.b", 5, 1), new("f/m/a", 6, 1), new("f/m/b", 6, 2),
            new("f/m/s1.a", 7, 7), new("f/m/s1.a", 8, 8), new("f/m/s1.b", 8, 9),
        ];
        Assert.Equal(expected, decoded.Rows);
        Assert.Equal(new DecodeCounts(8, 1, 0, []), decoded.Counts);
    }

    [Fact]
    public void A_field_s_sensor_does_not_depend_on_the_other_fields_of_its_line()
    {
        var decoded = Decoded.Line("motor,sensor=spindle rpm=1,load=2 5\nmotor,sensor=spindle rpm=3 6\nmotor,sensor=spindle load=4 7", Defaults);

        Assert.Equal(
            [new("f/m/spindle.rpm", 5, 1), new("f/m/spindle.load", 5, 2), new("f/m/spindle.rpm", 6, 3), new Row("f/m/spindle.load", 7, 4)], decoded.Rows);
    }

    // The examples of https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/, with the readings they hold.
    [Theory]
    [InlineData("myMeasurement,tag1=value1,tag2=value2 fieldKey=\"fieldValue\" 1556813561098000000", "", 1)]
    [InlineData("myMeasurement,tag1=val1,tag2=val2 field1=\"v1\",field2=1i 0000000000000000000", "f/m/field2 0 1", 1)]
    [InlineData("myMeasurement fieldKey=1.0", "f/m/fieldKey now 1", 0)]
    [InlineData("myMeasurement fieldKey=1", "f/m/fieldKey now 1", 0)]
    [InlineData("myMeasurement fieldKey=-1.234456e+78", "f/m/fieldKey now -1.234456e+78", 0)]
    [InlineData("myMeasurement fieldKey=12485903i", "f/m/fieldKey now 12485903", 0)]
    [InlineData("myMeasurement fieldKey=12485903u", "f/m/fieldKey now 12485903", 0)]
    [InlineData("myMeasurement fieldKey=\"this is a string\"", "", 1)]
    [InlineData("myMeasurement fieldKey=true", "f/m/fieldKey now 1", 0)]
    [InlineData("myMeasurement fieldKey=F", "f/m/fieldKey now 0", 0)]
    [InlineData("myMeasurement,tagKey=tagValue fieldKey=\"fieldValue\" 1556813561098000000", "", 1)]
    [InlineData("my\\ Measurement fieldKey=\"string value\"", "", 1)]
    [InlineData("myMeasurement fieldKey=\"\\\"string\\\" within a string\"", "", 1)]
    [InlineData("myMeasurement,tag\\ Key1=tag\\ Value1,tag\\ Key2=tag\\ Value2 fieldKey=100", "f/m/fieldKey now 100", 0)]
    [InlineData("myMeasurement,tagKey=🍭 fieldKey=\"Launch 🚀\" 1556813561098000000", "", 1)]
    [InlineData("# This is a comment\nmyMeasurement fieldKey=\"string value\" 1556813561098000000", "", 1)]
    [InlineData("weather,location=us-midwest temperature=82,bug_concentration=98 1465839830100400200",
        "f/m/temperature 1465839830100400 82;f/m/bug_concentration 1465839830100400 98", 0)]
    [InlineData("wea\\,ther,location=us-midwest temperature=82 1465839830100400200", "f/m/temperature 1465839830100400 82", 0)]
    [InlineData("weather,location\\ place=us-midwest temperature=82 1465839830100400200", "f/m/temperature 1465839830100400 82", 0)]
    [InlineData("weather,location=us\\,midwest temperature=82 1465839830100400200", "f/m/temperature 1465839830100400 82", 0)]
    [InlineData("weather,location=us-midwest temperature_str=\"too hot\\\\\\\\cold\" 1465839830100400201", "", 1)]
    public void Examples_of_the_documentation(string body, string expected, int strings)
    {
        var decoded = Decoded.Of(body, new DecodeOptions { Format = InputFormat.LineProtocol, Defaults = Defaults });
        Assert.Empty(decoded.Rejections);
        Assert.Equal(strings, decoded.Counts.TextSkipped);
        var rows = expected.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(' '))
            .Select(parts => new Row(parts[0], parts[1] == "now" ? Decoded.Now : long.Parse(parts[1]), double.Parse(parts[2])));
        Assert.Equal(rows, decoded.Rows);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("-0", -0.0)]
    [InlineData("+1.5", 1.5)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("1e3", 1000)]
    [InlineData("1E-400", 0)]
    [InlineData("9007199254740993", 9007199254740992)]
    [InlineData("-9223372036854775808i", -9223372036854775808.0)]
    [InlineData("18446744073709551615u", 18446744073709551615.0)]
    [InlineData("t", 1)]
    [InlineData("T", 1)]
    [InlineData("true", 1)]
    [InlineData("True", 1)]
    [InlineData("TRUE", 1)]
    [InlineData("f", 0)]
    [InlineData("F", 0)]
    [InlineData("false", 0)]
    [InlineData("False", 0)]
    [InlineData("FALSE", 0)]
    public void Values(string text, double value) =>
        Assert.Equal(new Row("f01/m0123/x", 5, value), Decoded.Line($"{Series} x={text} 5").Single);

    [Theory]
    [InlineData(TimePrecision.Nanoseconds, "1700000000123456999", 1_700_000_000_123_456)]
    [InlineData(TimePrecision.Microseconds, "1700000000123456", 1_700_000_000_123_456)]
    [InlineData(TimePrecision.Milliseconds, "1700000000123", 1_700_000_000_123_000)]
    [InlineData(TimePrecision.Seconds, "1700000000", 1_700_000_000_000_000)]
    [InlineData(TimePrecision.Seconds, "0", 0)]
    [InlineData(TimePrecision.Seconds, "", Decoded.Now)]
    [InlineData(TimePrecision.Microseconds, "1769947200000000", Decoded.Now + EventTime.MaxAhead)]
    public void Times(TimePrecision precision, string text, long time)
    {
        var options = new DecodeOptions { Format = InputFormat.LineProtocol, Precision = precision };
        Assert.Equal(new Row("f01/m0123/x", time, 1), Decoded.Of($"{Series} x=1 {text}", options).Single);
    }

    [Theory]
    [InlineData("good", Quality.Good)]
    [InlineData("uncertain", Quality.Uncertain)]
    [InlineData("bad", Quality.Bad)]
    public void Quality_is_a_tag(string text, Quality quality)
    {
        var decoded = Decoded.Line($"{Series},quality={text} x=1 5\n{Series} x=1 6\n{Series},quality={text} x=2,y=3 7\n");
        Assert.Equal([quality, Quality.Good, quality, quality], decoded.Rows.Select(row => row.Quality));
    }

    [Fact]
    public void A_line_of_strings_alone_is_no_error()
    {
        var decoded = Decoded.Line("log,factory=f text=\"a\\\"b\\\\\",more=\"\" 5\n");
        Assert.Equal(new DecodeCounts(0, 2, 0, []), decoded.Counts);
    }

    [Fact]
    public void A_string_may_hold_newlines()
    {
        var decoded = Decoded.Line($"{Series} x=1,text=\"one\ntwo = 2,\nthree\",y=2 5\n\n{Series} x=bad\n{Series} x=3 6");
        Assert.Equal([new("f01/m0123/x", 5, 1), new("f01/m0123/y", 5, 2), new("f01/m0123/x", 6, 3)], decoded.Rows);
        Assert.Equal(5, Assert.Single(decoded.Rejections).Line);
    }

    [Theory]
    [InlineData("x=1,text=\"open 4")]
    [InlineData("x=1,text=\"ends in backslash\\\" 4")]
    [InlineData("text=\"")]
    public void A_quote_that_is_not_closed_costs_its_line_only(string bad)
    {
        var decoded = Decoded.Line($"{Series} {bad}\n{Series} x=2,text=\"a\" 5\n{Series} x=3,text=\",y=4 \" 6\n{Series} x=4 7\n{Series} y\" 8");
        Assert.Equal([2.0, 3, 4], decoded.Rows.Select(row => row.Value));
        Assert.Equal([1, 5], decoded.Rejections.Select(rejection => rejection.Line));
        Assert.Contains("string is not closed", decoded.Rejections[0].Reason);
    }

    [Fact]
    public void Comments_and_empty_lines_are_skipped_and_counted_as_lines()
    {
        var decoded = Decoded.Line($"# {Series} x=1 5\n\n \t\r\n  # y\n{Series} x=1 5\r\nbroken\r\n{Series} x=2 6\r\n");
        Assert.Equal([1.0, 2], decoded.Rows.Select(row => row.Value));
        var rejection = Assert.Single(decoded.Rejections);
        Assert.Equal((6, "broken"), (rejection.Line, Encoding.UTF8.GetString(rejection.Raw)));
    }

    [Fact]
    public void Default_parts_of_one_request_are_not_those_of_the_next()
    {
        var catalog = new Core.Catalog.SensorCatalog(1, Core.Catalog.CatalogLimits.Default);
        var decoder = new ReadingsDecoder(catalog);
        byte[] body = [.. "t x=1 5\nt x=2,y=3 6\n"u8];
        foreach (var machine in new[] { "m1", "m2", "m1" })
        {
            var decoded = Decoded.With(decoder, catalog, body, Decoded.LineOptions(new IngestDefaults("f", machine)));
            Assert.Equal([$"f/{machine}/x", $"f/{machine}/x", $"f/{machine}/y"], decoded.Rows.Select(row => row.Path));
        }
        Assert.Equal(2, Decoded.With(decoder, catalog, body, Decoded.LineOptions()).RejectedCount);
    }

    [Fact]
    public void Many_fields_in_one_line()
    {
        var fields = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"f{i}={i}"));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (double)i), Decoded.Line($"{Series} {fields} 5").Rows.Select(row => row.Value));
    }

    // Read again and again, each of these would take hours.
    [Fact]
    public void Chains_of_quotes_and_crowds_of_fields_take_linear_time()
    {
        const int Many = 300_000;
        Assert.Equal(1, Decoded.Line(string.Concat(Enumerable.Repeat("x k=\"\n", Many + 1)), Defaults).RejectedCount);
        var line = $"t{string.Concat(Enumerable.Range(0, Many).Select(i => $",k{i}=v"))} {string.Join(',', Enumerable.Repeat("a=1", Many))} 5";
        Assert.Equal(Many, Decoded.Line(line, Defaults).Rows.Count);
    }
}
