namespace SensorGrid.Cli.Tests.Querying;

public sealed class QueryTests
{
    private const string StatisticsCsv =
        "start,count,good_count,sum,mean,min,max,stddev,first,last,time_weighted_mean,p50,p95,p99\n"
        + "2026-01-01T00:00:00.000000Z,1234567,2,3,1.23456789,0.1,2,,4,5,6,7,8,9\n"
        + "2026-01-01T00:01:00.000000Z,1,1,1,12345678.9,-1E-09,1,1,1,1,1,1,1,1\n";

    [Fact]
    public async Task Without_a_span_it_is_the_hour_up_to_the_newest_reading()
    {
        var (status, output, error, requests) = await QueryAsync("query f/m/s --format csv", r => r.Path.EndsWith("/stats", StringComparison.Ordinal)
            ? new(200, StatisticsCsv, "text/csv")
            : new(200, """{"path":"f/m/s","last":{"time":"2014-02-19T15:25:00.000000Z","value":1},"windows":[{"start":"2020-01-01T00:00:00Z","last":3}]}"""));
        Assert.Equal((0, StatisticsCsv, ""), (status, output, error));
        Assert.Equal("/api/factories/f/machines/m/sensors/s", requests[0].Path);
        Assert.Equal(("2014-02-19T14:25:00.000001Z", "2014-02-19T15:25:00.000001Z"), (requests[1].Query["from"], requests[1].Query["to"]));
        Assert.DoesNotContain("window", requests[1].Query.Keys);
        Assert.Equal("text/csv", requests[1].Accept);
    }

    [Theory]
    [InlineData("f/m", "/api/factories/f/machines/m/sensors", """{"sensors":[{"last":{"time":"2014-01-01T00:00:00Z"}},{"last":{"time":"2014-01-02T00:00:00Z"}},{"last":null}]}""")]
    [InlineData("f", "/api/factories/f/machines", """{"machines":[{"lastTime":"2014-01-02T00:00:00Z"},{"lastTime":null},{"lastTime":"2014-01-01T00:00:00Z"}]}""")]
    public async Task Of_a_machine_or_factory_it_is_the_newest_of_all(string path, string list, string json)
    {
        var (_, _, _, requests) = await QueryAsync($"query {path} --window 10s", r => r.Path == list ? new(200, json) : new(200, "kind," + StatisticsCsv, "text/csv"));
        Assert.Equal(list, requests[0].Path);
        Assert.Equal(("2014-01-02T00:00:00.000001Z", "10s"), (requests[1].Query["to"], requests[1].Query["window"]));
    }

    [Fact]
    public async Task A_table_has_a_line_a_window()
    {
        var (_, output, _, _) = await QueryAsync("query f/m/s --from -1d", _ => new(200, StatisticsCsv, "text/csv"));
        Assert.Equal(
            """
            start                              count         mean          min          max       stddev          p50          p95          p99
            2026-01-01T00:00:00.000000Z      1234567      1.23457          0.1            2                         7            8            9
            2026-01-01T00:01:00.000000Z            1     12345679       -1E-09            1            1            1            1            1

            """.ReplaceLineEndings(),
            output);
    }

    [Fact]
    public async Task Where_retention_has_cut_the_span_a_line_on_standard_error_says_so()
    {
        const string Start = "2026-01-30T00:00:00.000000Z";
        var (status, output, error, _) = await QueryAsync(
            "query f/m/s --from 2026-01-01 --to now --format csv", _ => new(200, "start,count\n2026-01-30T00:00:00.000000Z,1\n", "text/csv", RetentionStart: Start));
        Assert.Equal((0, $"retention has cut what is older than {Start}{Environment.NewLine}"), (status, error));
        Assert.Contains(",1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_of_a_machine_has_a_part_for_each_kind()
    {
        const string Csv = "kind,start,count\nflow,2026-01-01T00:00:00.000000Z,1\nflow,2026-01-01T00:01:00.000000Z,2\n\"a,b\",2026-01-01T00:00:00.000000Z,3\n";
        var (_, output, _, requests) = await QueryAsync("query f/m --from 2026-01-01 --to now", _ => new(200, Csv, "text/csv"));
        Assert.Equal(
            """
            flow
            start                              count
            2026-01-01T00:00:00.000000Z            1
            2026-01-01T00:01:00.000000Z            2

            a,b
            start                              count
            2026-01-01T00:00:00.000000Z            3

            """.ReplaceLineEndings(),
            output);
        Assert.Equal(("2026-01-01T00:00:00.000000Z", "now"), (requests[0].Query["from"], requests[0].Query["to"]));
    }

    [Fact]
    public async Task Raw_readings_stream_through_and_the_limit_is_told()
    {
        const string Csv = "time,value,quality\n2026-01-01T00:00:00.000000Z,1,good\n2026-01-01T00:00:01.000000Z,2.5,bad\n";
        var (status, output, error, requests) = await QueryAsync("query f/m/s --raw --limit 2 --format csv --from -1h", _ => new(200, Csv, "text/csv"));
        Assert.Equal((0, Csv), (status, output));
        Assert.Equal("2", Assert.Single(requests).Query["limit"]);
        Assert.Equal("/api/factories/f/machines/m/sensors/s/readings", requests[0].Path);
        Assert.StartsWith("2 readings, which is the limit", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_the_servers()
    {
        const string Json = """{"path":"f/m/s","window":"1m","rows":[]}""";
        var (_, output, error, requests) = await QueryAsync("query f/m/s --format json --to now", _ => new(200, Json));
        Assert.Equal((Json + Environment.NewLine, ""), (output, error));
        Assert.Equal("application/json", Assert.Single(requests).Accept);
    }

    [Fact]
    public async Task No_rows_are_told()
    {
        var (status, _, error, _) = await QueryAsync("query f/m/s --from -1h", _ => new(200, "start,count\n", "text/csv"));
        Assert.Equal((0, "nothing from -1h to now" + Environment.NewLine), (status, error));
    }

    [Theory]
    [InlineData("""{"status":404,"detail":"There is no sensor 's' on machine 'f/m'."}""", "There is no sensor 's' on machine 'f/m'")]
    [InlineData("""{"status":400,"detail":"window is '2m', which is not configured.","allowed":["10s","1m"]}""", "window is '2m', which is not configured (allowed: 10s, 1m)")]
    [InlineData("<html>", "the server answered 404 Not Found")]
    public async Task What_the_server_says_is_one_line_and_status_1(string problem, string complaint)
    {
        var (status, output, error, _) = await QueryAsync("query f/m/s", _ => new(404, problem, "application/problem+json"));
        Assert.Equal((1, "", $"sensorgrid: {complaint}{Environment.NewLine}"), (status, output, error));
    }

    private static async Task<(int Status, string Output, string Error, List<Request> Requests)> QueryAsync(string line, Func<Request, Answer> answer)
    {
        await using var server = await TestServer.StartAsync(answer);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.RunAsync([.. line.Split(' '), "--url", server.Address.ToString()], output, error);
        return (status, output.ToString(), error.ToString(), [.. server.Requests]);
    }
}
