using System.Text.Json;
using SensorGrid.Cli.Querying;
using SensorGrid.Cli.Replaying;

namespace SensorGrid.Cli.Tests.Replaying;

public sealed class ReplayTests
{
    private const string Running =
        """{"id":"r1","path":"f","state":"running","percent":25.0,"sensors":2,"readings":1000,"seconds":0.5}""";

    private const string Done =
        """{"id":"r1","path":"f","state":"done","percent":100,"sensors":2,"readings":5000,"seconds":2.0,"result":{"flags":{"same":1,"moved":0,"gained":1,"lost":1,"clock":0,"truncated":false},"windows":{"rows":0,"truncated":false},"digest":"00","sameAsLive":0,"unlikeLive":0}}""";

    private const string FlagCsv =
        "outcome,path,detector,severity,from,to,score,live_severity,live_from,live_to,live_score,live_backfilled\n"
        + "same,f/m/s,limits,alarm,2026-01-31T12:00:00.000000Z,,1.5,alarm,2026-01-31T12:00:00.000000Z,,1.5,false\n"
        + "lost,f/m/s,spike,,,,,warning,2026-01-31T12:30:00.000000Z,2026-01-31T12:31:00.000000Z,7,true\n";

    [Fact]
    public async Task A_table_has_a_line_a_flag_and_a_summary_and_nothing_stays_on_the_server()
    {
        var (status, output, error, requests) = await ReplayAsync("replay f/m --from 2026-01-31 --to now", Serve(Done));

        Assert.Equal((0, ""), (status, error));
        Assert.Equal(
            """
            outcome detector       severity from                        to                          path
            same    limits         alarm    2026-01-31T12:00:00.000000Z open                        f/m/s
            lost    spike          warning  2026-01-31T12:30:00.000000Z 2026-01-31T12:31:00.000000Z f/m/s  backfilled
            5,000 readings of 2 sensors in 2.0 s, 2,500 readings/s; flags: 1 same, 0 moved, 1 gained, 1 lost

            """.ReplaceLineEndings(),
            output);
        Assert.Equal("""{"path":"f/m","from":"2026-01-31T00:00:00.000000Z","to":"now","window":null}""", requests[0].Text);
        Assert.Equal(("DELETE", "/api/replays/r1"), (requests[^1].Method, requests[^1].Path));
    }

    [Fact]
    public async Task Csv_is_the_flags_or_with_a_window_the_statistics()
    {
        Assert.Equal(FlagCsv, (await ReplayAsync("replay f --from -1h --to now --format csv", Serve(Done))).Output);
        Assert.Equal("path,start,count\nf/m/s,x,1\n", (await ReplayAsync("replay f --from -1h --to now --window 1m --format csv", Serve(Done))).Output);
    }

    [Fact]
    public async Task Json_is_one_document()
    {
        var (_, output, _, _) = await ReplayAsync("replay f --from -1h --to now --window 1m --format json", Serve(Done));

        var document = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["replay", "flags", "stats"], document.EnumerateObject().Select(p => p.Name));
        Assert.Equal("r1", document.GetProperty("replay").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Rules_are_sent_as_they_are()
    {
        using var folder = new TempFolder();
        var file = folder.PathOf("rules.json");
        await File.WriteAllTextAsync(file, "\uFEFF{\"rules\": [ /* hot */ {\"limits\": {\"h\": 80}}, ]} // the end");

        var (status, _, error, requests) = await ReplayAsync($"replay f --from -1h --to now --rules {file}", Serve(Done));

        Assert.Equal((0, ""), (status, error));
        Assert.EndsWith(",\"rules\":{\"rules\": [ /* hot */ {\"limits\": {\"h\": 80}}, ]} // the end\n}", requests[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_with_errors_are_all_told_and_nothing_is_asked_of_the_server()
    {
        using var folder = new TempFolder();
        var file = folder.PathOf("rules.json");
        await File.WriteAllTextAsync(file, """{"rules":[{"limits":{"h":"x"}},{"spik":true}]}""");

        var (status, output, error, requests) = await ReplayAsync($"replay f --from -1h --to now --rules {file}", Serve(Done));

        Assert.Equal((1, ""), (status, output));
        Assert.StartsWith($"sensorgrid: {file} has errors: rules[0].limits.h: ", error, StringComparison.Ordinal);
        Assert.Contains("; rules[1].spik: ", error, StringComparison.Ordinal);
        Assert.Empty(requests);
    }

    [Theory]
    [InlineData("replay f --from -1h --to now", 404, "There is no factory 'f'.", "There is no factory 'f'")]
    [InlineData("replay f --from -1h --to now", 429, "4 replays run or wait already", "4 replays run or wait already")]
    public async Task A_refusal_is_one_line(string line, int answer, string detail, string complaint)
    {
        var (status, output, error, requests) = await ReplayAsync(line, _ => Answer.Problem(answer, detail));
        Assert.Equal((1, "", $"sensorgrid: {complaint}{Environment.NewLine}"), (status, output, error));
        Assert.Single(requests);
    }

    [Fact]
    public async Task A_replay_that_fails_or_goes_away_says_so()
    {
        var failed = await ReplayAsync("replay f --from -1h --to now", Serve(Running.Replace("\"running\"", "\"failed\",\"fault\":\"the span has no readings\"", StringComparison.Ordinal)));
        Assert.Equal((1, $"sensorgrid: the replay failed: the span has no readings{Environment.NewLine}"), (failed.Status, failed.Error));
        var gone = await ReplayAsync("replay f --from -1h --to now", r => r.Method == "POST" ? new(202, Running) : Answer.Problem(404, "There is no replay 'r1'"));
        Assert.StartsWith("sensorgrid: the replay is gone", gone.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay f/m/s/x --from -1h --to now", "PATH is factory/machine/sensor")]
    [InlineData("replay f --to now", "--from")]
    [InlineData("replay f --from yesterday --to now", "--from takes a time")]
    public async Task Wrong_usage_is_status_2(string line, string complaint)
    {
        var (status, _, error, requests) = await ReplayAsync(line, Serve(Done));
        Assert.Equal(2, status);
        Assert.Contains(complaint, error, StringComparison.Ordinal);
        Assert.Empty(requests);
    }

    [Fact]
    public async Task An_interrupted_one_is_cancelled_on_the_server()
    {
        await using var server = await TestServer.StartAsync(Serve(Running));
        using var remote = server.Connect();
        using var interrupt = new CancellationTokenSource();
        var progress = new Watcher(status =>
        {
            Assert.Equal(25, status.Percent);
            Assert.Equal("1,000 readings, 2,000 readings/s, 2 s left", ReplayText.Progress(status));
            interrupt.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ReplayCommandRun(remote, TextWriter.Null, TextWriter.Null, progress, TimeProvider.System)
            .RunAsync(new ReplayOrder("f", "-1h", "now", null, null), AnswerFormat.Table, interrupt.Token));

        Assert.Equal("DELETE", server.Requests.Last().Method);
    }

    private static Func<Request, Answer> Serve(string status) => request => (request.Method, request.Path) switch
    {
        ("POST", _) => new(202, Running),
        ("DELETE", _) => new(204),
        (_, "/api/replays/r1/flags") => request.Accept == "text/csv" ? new(200, FlagCsv, "text/csv") : new(200, """{"flags":[]}"""),
        (_, "/api/replays/r1/stats") => request.Accept == "text/csv" ? new(200, "path,start,count\nf/m/s,x,1\n", "text/csv") : new(200, """{"sensors":[]}"""),
        _ => new(200, status),
    };

    private static async Task<(int Status, string Output, string Error, List<Request> Requests)> ReplayAsync(string line, Func<Request, Answer> answer)
    {
        await using var server = await TestServer.StartAsync(answer);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.RunAsync([.. line.Split(' '), "--url", server.Address.ToString()], output, error);
        return (status, output.ToString(), error.ToString(), [.. server.Requests]);
    }

    private sealed class Watcher(Action<ReplayStatus> watch) : IReplayProgress
    {
        public Task<ReplayStatus> ShowAsync(Func<Action<ReplayStatus>, Task<ReplayStatus>> work) => work(watch);
    }
}
