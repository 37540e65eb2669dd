using System.Text;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Tests.Json;

public sealed class JsonReadingsTests
{
    private const string Good = """{"path":"f/m/good","time":5,"value":1}""";

    private static readonly Row GoodRow = new("f/m/good", 5, 1);
    private static readonly DecodeOptions Options = new() { Format = InputFormat.Json };

    [Theory]
    [InlineData("""{"path":"a/b/c","time":"2026-01-31T11:59:59.5Z","value":1.5}""", "a/b/c", Decoded.Now - 500_000, 1.5, Quality.Good)]
    [InlineData("""{"path":"a\/b\/\u0063","time":"2026-01-31T12:59:59.5+01:00","value":-0.0,"quality":"bad"}""", "a/b/c",
        Decoded.Now - 500_000, -0.0, Quality.Bad)]
    [InlineData("""{"value":true,"sensor":"c","machine":"b","factory":"a","time":5,"quality":"uncertain"}""", "a/b/c", 5, 1,
        Quality.Uncertain)]
    [InlineData("""{"sensor":"c","value":false,"time":5.9,"quality":null,"unknown":{"value":[2,{"path":"x"}]},"un\ud800":1}""", "f/m/c", 5, 0,
        Quality.Good)]
    [InlineData("""{"time":"1970-01-01T02:00:05\u002B02:00","value":1}""", "f/m/s", 5_000_000, 1, Quality.Good)]
    [InlineData("""{"valu\u0065":1e3}""", "f/m/s", Decoded.Now, 1000, Quality.Good)]
    [InlineData("""{"value":1,"value":2,"path":null,"time":null}""", "f/m/s", Decoded.Now, 2, Quality.Good)]
    public void A_reading(string json, string path, long time, double value, Quality quality)
    {
        var options = Options with { Defaults = new IngestDefaults("f", "m", "s") };
        foreach (var body in new[] { json, json + "\r\n", $"\n{json}\n\n", $"[{json}]", $" [\n{json}\n] ", "\uFEFF" + json })
        {
            Assert.Equal(new Row(path, time, value, quality), Decoded.Of(body, options).Single);
        }
    }

    [Theory]
    [InlineData("1", "not a JSON object")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"path":"f/m/x"}""", "value is missing")]
    [InlineData("""{"path":"f/m/x","value":null}""", "value is missing")]
    [InlineData("""{"path":"f/m/x","value":"1"}""", "value is not a number or boolean")]
    [InlineData("""{"path":"f/m/x","value":[1]}""", "value is not a number or boolean")]
    [InlineData("""{"path":"f/m/x","value":1e999}""", "too large for a double")]
    [InlineData("""{"value":1}""", "path or factory is missing")]
    [InlineData("""{"factory":"f","value":1}""", "machine is missing")]
    [InlineData("""{"factory":"f","machine":"m","value":1}""", "sensor is missing")]
    [InlineData("""{"path":"f/m","value":1}""", "path is not factory/machine/sensor")]
    [InlineData("""{"path":"f/m/s/t","value":1}""", "path is not factory/machine/sensor")]
    [InlineData("""{"path":"f//s","value":1}""", "path has an empty part")]
    [InlineData("""{"path":"f/m/ü","value":1}""", "the sensor has a character other than")]
    [InlineData("""{"path":"f/m m/s","value":1}""", "the machine has a character other than")]
    [InlineData("""{"path":5,"value":1}""", "path is not a string")]
    [InlineData("""{"path":{"a":1},"value":1}""", "path is not a string")]
    [InlineData("""{"path":"f/m/\ud800","value":1}""", "path is too long or not valid text")]
    [InlineData("""{"path":"f/m/x","time":"2026-01-31T12:00:00","value":1}""", "time is neither RFC 3339")]
    [InlineData("""{"path":"f/m/x","time":"yesterday","value":1}""", "time is neither RFC 3339")]
    [InlineData("""{"path":"f/m/x","time":-5,"value":1}""", "time is neither RFC 3339")]
    [InlineData("""{"path":"f/m/x","time":true,"value":1}""", "time is neither RFC 3339")]
    [InlineData("""{"path":"f/m/x","time":"1969-12-31T23:59:59Z","value":1}""", "time lies outside")]
    [InlineData("""{"path":"f/m/x","time":9223372036854776,"value":1}""", "time lies outside")]
    [InlineData("""{"path":"f/m/x","time":"2026-02-01T12:00:00.000001Z","value":1}""", "more than a day ahead")]
    [InlineData("""{"path":"f/m/x","value":1,"quality":"fine"}""", "none of good, uncertain, bad")]
    [InlineData("""{"path":"f/m/x","value":1,"quality":0}""", "quality is not a string")]
    public void A_bad_reading_is_refused_alone(string bad, string reason)
    {
        foreach (var body in new[] { $"{Good}\n{bad}\n{Good}\n", $"[{Good},{bad} , {Good}]" })
        {
            var decoded = Decoded.Of(body, Options);
            var rejection = Assert.Single(decoded.Rejections);
            Assert.Equal((2, bad), (rejection.Line, Encoding.UTF8.GetString(rejection.Raw)));
            Assert.Contains(reason, rejection.Reason);
            Assert.Equal([GoodRow, GoodRow], decoded.Rows);
        }
    }

    [Fact]
    public void Too_long_names_are_refused()
    {
        var path = $"f/m/{new string('x', 129)}";
        Assert.Contains("129 characters", Assert.Single(Decoded.Of($$"""{"path":"{{path}}","value":1}""", Options).Rejections).Reason);
        path = string.Concat(Enumerable.Repeat("\\u0041", 1000));
        Assert.Contains("too long", Assert.Single(Decoded.Of($$"""{"path":"{{path}}","value":1}""", Options).Rejections).Reason);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"path\":\"f/m/x\",\"value\":1")]
    [InlineData("{\"path\":\"f/m/x\",\"value\":1}}")]
    [InlineData("{\"path\":\"f/m/x\",\"value\":1} {}")]
    [InlineData("{\"path\":\"f/m/x\",\"value\":NaN}")]
    [InlineData("{\"path\":\"f/m/x\",\"value\":01}")]
    [InlineData("{'path':'f/m/x','value':1}")]
    public void Broken_json_costs_its_line(string bad)
    {
        var decoded = Decoded.Of($"{Good}\n{bad}\n{Good}", Options);
        Assert.StartsWith("broken JSON: ", Assert.Single(decoded.Rejections).Reason);
        Assert.Equal(2, decoded.Rejections[0].Line);
        Assert.Equal([GoodRow, GoodRow], decoded.Rows);
    }

    [Theory]
    [InlineData("[{0},{0},{\"value\":,{0}]", 3)]
    [InlineData("[{0},{0},", 3)]
    [InlineData("[{0},{0}", 3)]
    [InlineData("[{0},{0}] {0}", 3)]
    [InlineData("[{0},{0} {0}]", 3)]
    public void Broken_json_in_an_array_costs_the_rest(string body, int element)
    {
        var decoded = Decoded.Of(body.Replace("{0}", Good), Options);
        var rejection = Assert.Single(decoded.Rejections);
        Assert.Equal(element, rejection.Line);
        Assert.StartsWith("broken JSON, the rest was not read: ", rejection.Reason);
        Assert.Equal([GoodRow, GoodRow], decoded.Rows);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        var deep = $$"""{"x":{{new string('[', 100_000)}}""";
        Assert.Equal([GoodRow], Decoded.Of($"{deep}\n{Good}", Options).Rows);
        Assert.Equal([GoodRow], Decoded.Of($"[{Good},{deep}", Options).Rows);
    }

    [Fact]
    public void Nothing_but_broken_lines_is_given_up()
    {
        var body = string.Concat(Enumerable.Repeat("{]\n", Ingest.Json.JsonReadingsDecoder.MaxBrokenLines)) + Good;
        Assert.Equal(Ingest.Json.JsonReadingsDecoder.MaxBrokenLines + 1, Decoded.Of(body, Options).RejectedCount);
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData(TimePrecision.Microseconds, 5)]
    [InlineData(TimePrecision.Milliseconds, 5000)]
    [InlineData(TimePrecision.Seconds, 5_000_000)]
    public void Integer_times_have_a_unit(TimePrecision? precision, long time) =>
        Assert.Equal(time, Decoded.Of(Good, Options with { Precision = precision }).Single.Time);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\r\n")]
    [InlineData("[]")]
    public void Nothing(string body) => Assert.Equal(new DecodeCounts(0, 0, 0, []), Decoded.Of(body, Options).Counts);
}
