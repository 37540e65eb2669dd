namespace SensorGrid.Cli.Tests.Tailing;

public sealed class TailTests
{
    private const string Flag =
        """{"id":"00ff","path":"f/m/s","detector":"limits","severity":"alarm","from":"2026-01-31T12:00:00.000000Z","to":TO,"score":1.5,"state":"STATE","acknowledged":null,"backfilled":false}""";

    [Fact]
    public async Task Readings_and_flags_are_a_line_each_and_an_ended_stream_is_told()
    {
        var stream = ": live\n\n" + Event("sensor", Sensor("12:00:00", "1.5", "good")) + Event("sensor", Sensor("12:00:00", "1.5", "good")) + ": beat\n\n"
            + Event("sensor", """{"path":"f/m/new","last":null}""") + Event("sensor", Sensor("12:00:01", "null", "bad"))
            + Event("flag", Flag.Replace("TO", "null", StringComparison.Ordinal).Replace("STATE", "active", StringComparison.Ordinal))
            + Event("missed", "{}") + Event("unheard-of", "{}")
            + Event("flag", Flag.Replace("TO", "\"2026-01-31T12:05:00.000000Z\"", StringComparison.Ordinal).Replace("STATE", "cleared", StringComparison.Ordinal));
        await using var server = await TestServer.StartAsync(_ => new Answer(200, stream, "text/event-stream"));
        var (status, output, error) = await TailAsync("f/m/*", server.Address);
        Assert.Equal(
            """
            2026-01-31T12:00:00.000000Z  f/m/s  1.5
            2026-01-31T12:00:01.000000Z  f/m/s  null  bad
            2026-01-31T12:00:00.000000Z  f/m/s  flag limits alarm active, score 1.5, 00ff
            2026-01-31T12:05:00.000000Z  f/m/s  flag limits alarm ended, score 1.5, 00ff

            """.ReplaceLineEndings(),
            output);
        Assert.Equal(
            $"changes of flags were missed here: GET /api/flags has them as they are{Environment.NewLine}"
            + $"sensorgrid: the server at {server.Address} has ended the stream: start it again, and then this{Environment.NewLine}",
            error);
        Assert.Equal(1, status);
        var request = Assert.Single(server.Requests);
        Assert.Equal(("/api/live", "f/m/*", "text/event-stream"), (request.Path, request.Query["path"], request.Accept));
    }

    [Fact]
    public async Task A_refusal_is_one_line()
    {
        await using var server = await TestServer.StartAsync(_ => Answer.Problem(400, "path is 'a//b'."));
        Assert.Equal((1, "", $"sensorgrid: path is 'a//b'{Environment.NewLine}"), await TailAsync("a//b", server.Address));
    }

    private static string Event(string name, string data) => $"event: {name}\nid: 1\ndata: {data}\n\n";

    private static string Sensor(string time, string value, string quality) =>
        $$$"""{"path":"f/m/s","kind":"s","last":{"time":"2026-01-31T{{{time}}}.000000Z","value":{{{value}}},"quality":"{{{quality}}}"},"windows":[],"flags":[],"counters":{}}""";

    private static async Task<(int Status, string Output, string Error)> TailAsync(string path, Uri address)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.RunAsync(["tail", path, "--url", address.ToString()], output, error);
        return (status, output.ToString(), error.ToString());
    }
}
