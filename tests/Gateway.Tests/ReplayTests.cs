using System.Net;
using System.Text;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;

namespace SensorGrid.Gateway.Tests;

public sealed class ReplayTests
{
    private const string Span = "\"from\":\"2026-01-31T11:00:00Z\",\"to\":\"now\"";

    private const string FlagJson =
        "{\"id\":\"00000000000000ff\",\"path\":\"f1/m1/temp1\",\"detector\":\"limits\",\"severity\":\"alarm\",\"from\":\"2026-01-31T12:00:00.000000Z\",\"to\":null,\"score\":1.5,\"state\":\"active\",\"acknowledged\":null,\"backfilled\":false}";

    [Fact]
    public async Task ItIsStartedWithAllThatIsAsked()
    {
        await using var gateway = await TestGateway.StartAsync();

        var (response, text) = await gateway.PostAsync(
            "/api/replays", "{\"path\":\"f1/*\"," + Span + ",\"window\":\"1m\",\"rules\":{\"rules\":[{\"limits\":{\"h\":1}, /* one */},]}}", "application/json");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/api/replays/r2", response.Headers.Location!.ToString());
        (await OpenApiSchemas.LoadAsync(gateway)).AssertMatches("Replay", text);
        var request = Assert.Single(gateway.Grid.Replays.Started);
        Assert.Equal(("f1/*", Canned.Noon - EventTime.Hour, Canned.Noon, EventTime.Minute), (request.Path, request.From, request.To, request.Window!.Value));
        Assert.Equal("{\"rules\":[{\"limits\":{\"h\":1}, /* one */},]}", Encoding.UTF8.GetString(request.Rules!.Value.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"rules\":null,\"window\":null")]
    public async Task WithoutRulesOrWindowThereAreNone(string more)
    {
        await using var gateway = await TestGateway.StartAsync();

        await gateway.PostAsync("/api/replays", "{\"path\":\"f1\"," + Span + more + "}", "application/json");

        var request = Assert.Single(gateway.Grid.Replays.Started);
        Assert.Null(request.Rules);
        Assert.Null(request.Window);
    }

    [Theory]
    [InlineData("{", null, "The body is no JSON")]
    [InlineData("[]", null, "The body must be a JSON object")]
    [InlineData("{" + Span + "}", "path", "path is missing.")]
    [InlineData("{\"path\":7," + Span + "}", "path", "path must be a string.")]
    [InlineData("{\"path\":\"a/b/c/d\"," + Span + "}", "path", "path is 'a/b/c/d': it must be")]
    [InlineData("{\"path\":\"f1\",\"to\":\"now\"}", "from", "from is missing.")]
    [InlineData("{\"path\":\"f1\",\"from\":\"-1h\",\"to\":\"soon\"}", "to", "to is 'soon': it must be")]
    [InlineData("{\"path\":\"f1\",\"from\":\"now\",\"to\":\"now\"}", "from", "from is not before to: the span is empty.")]
    [InlineData("{\"path\":\"f1\",\"from\":\"now\",\"to\":\"-1h\"}", "from", "from is not before to: the span is empty.")]
    [InlineData("{\"path\":\"f1\",\"window\":\"7m\"," + Span + "}", "window", "window is '7m', which is not configured.")]
    [InlineData("{\"path\":\"f1\",\"rulez\":{}," + Span + "}", "rulez", "rulez is none of the members of a replay.")]
    public async Task ABadRequestSaysWhatIsWrong(string body, string? parameter, string detail)
    {
        await using var gateway = await TestGateway.StartAsync();

        var (response, text) = await gateway.PostAsync("/api/replays", body, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = TestGateway.Problem(text, 400);
        Assert.StartsWith(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(parameter, problem.TryGetProperty("parameter", out var name) ? name.GetString() : null);
        Assert.Empty(gateway.Grid.Replays.Started);
    }

    [Theory]
    [InlineData(ReplayRefusal.UnknownPath, 404, "path")]
    [InlineData(ReplayRefusal.NoReadings, 400, "from")]
    [InlineData(ReplayRefusal.Cut, 400, "from")]
    public async Task ARefusalSaysWhy(ReplayRefusal refusal, int status, string parameter)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Replays.Failure = new ReplayRefusedException(refusal, "This is why.");

        var (_, text) = await gateway.PostAsync("/api/replays", $$"""{"path":"f1",{{Span}}}""", "application/json");

        var problem = TestGateway.Problem(text, status);
        Assert.Equal(("This is why.", parameter), (problem.GetProperty("detail").GetString(), problem.GetProperty("parameter").GetString()));
    }

    [Fact]
    public async Task RulesWithErrorsNameThemAllWithTheirPlaces()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Replays.Failure = new InvalidRulesException([new("rules[2].limits.h", "must be greater than l"), new("rules[3]", "is odd")]);

        var (_, text) = await gateway.PostAsync("/api/replays", $$"""{"path":"f1","rules":{},{{Span}}}""", "application/json");

        TestGateway.Problem(text, 400);
        (await OpenApiSchemas.LoadAsync(gateway)).AssertMatches("Problem", text);
        Assert.EndsWith(
            """
            "parameter":"rules","ruleErrors":[{"place":"rules[2].limits.h","reason":"must be greater than l"},{"place":"rules[3]","reason":"is odd"}]}
            """, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooManyAreRefusedForAWhile()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Replays.Failure = new GridBusyException("4 replays run or wait already", TimeSpan.FromSeconds(10));

        var (response, text) = await gateway.PostAsync("/api/replays", $$"""{"path":"f1",{{Span}}}""", "application/json");

        TestGateway.Problem(text, 429);
        Assert.Equal(TimeSpan.FromSeconds(10), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task OneIsWatchedAndAllAreListed()
    {
        await using var gateway = await TestGateway.StartAsync();
        const string Done =
            "{\"id\":\"r1\",\"path\":\"f1/m1\",\"from\":\"2026-01-31T11:59:59.999999Z\",\"to\":\"2026-01-31T12:00:00.000000Z\",\"window\":\"1m\",\"rules\":\"live\","
            + "\"state\":\"done\",\"percent\":100,\"sensors\":2,\"sensorsDone\":2,\"readings\":1234,\"seconds\":1.5,"
            + "\"result\":{\"flags\":{\"same\":1,\"moved\":2,\"gained\":3,\"lost\":4,\"clock\":5,\"truncated\":true},\"windows\":{\"rows\":2,\"truncated\":false},"
            + "\"digest\":\"00ff\",\"sameAsLive\":1,\"unlikeLive\":0}}";

        Assert.Equal((HttpStatusCode.OK, Done), await gateway.GetAsync("/api/replays/r1"));
        var (_, running) = await gateway.GetAsync("/api/replays/r2");
        Assert.Contains("\"state\":\"running\",\"percent\":12.3,", running, StringComparison.Ordinal);
        var (_, failed) = await gateway.GetAsync("/api/replays/r3");
        Assert.Contains("\"window\":null", failed, StringComparison.Ordinal);
        Assert.EndsWith("\"fault\":\"the span has no readings\"}", failed, StringComparison.Ordinal);
        var (_, list) = await gateway.GetAsync("/api/replays");
        Assert.Equal($$"""{"replays":[{{Done}},{{running}},{{failed}}]}""", list);
        (await OpenApiSchemas.LoadAsync(gateway)).AssertMatches("ReplayList", list);
        TestGateway.Problem((await gateway.GetAsync("/api/replays/r9")).Text, 404);
    }

    [Fact]
    public async Task ItsResultIsJsonOrCsv()
    {
        await using var gateway = await TestGateway.StartAsync();
        var schemas = await OpenApiSchemas.LoadAsync(gateway);
        var ended = FlagJson.Replace("\"to\":null", "\"to\":\"2026-01-31T12:00:00.000001Z\"", StringComparison.Ordinal);
        var info = FlagJson.Replace("alarm", "info", StringComparison.Ordinal).Replace("\"backfilled\":false", "\"backfilled\":true", StringComparison.Ordinal);

        var (_, flags) = await gateway.GetAsync("/api/replays/r1/flags");
        schemas.AssertMatches("ReplayFlags", flags);
        Assert.Equal(
            $$"""{"flags":[{"outcome":"moved","replayed":{{ended}},"live":{{FlagJson}}},{"outcome":"gained","replayed":{{FlagJson}},"live":null},{"outcome":"lost","replayed":null,"live":{{info}}}],"truncated":true}""",
            flags);
        Assert.Equal(
            """
            outcome,path,detector,severity,from,to,score,live_severity,live_from,live_to,live_score,live_backfilled
            moved,f1/m1/temp1,limits,alarm,2026-01-31T12:00:00.000000Z,2026-01-31T12:00:00.000001Z,1.5,alarm,2026-01-31T12:00:00.000000Z,,1.5,false
            gained,f1/m1/temp1,limits,alarm,2026-01-31T12:00:00.000000Z,,1.5,,,,,
            lost,f1/m1/temp1,limits,,,,,info,2026-01-31T12:00:00.000000Z,,1.5,true

            """,
            (await gateway.GetAsync("/api/replays/r1/flags", "text/csv")).Text);
        var (_, statistics) = await gateway.GetAsync("/api/replays/r1/stats");
        schemas.AssertMatches("ReplayStatistics", statistics);
        var csv = (await gateway.GetAsync("/api/replays/r1/stats", "text/csv")).Text.Split('\n');
        Assert.Equal(["path,start,count,good_count", "f1/m1/temp1,2026-01-31T12:00:00.000000Z,6,5", "f1/m1/temp1,2026-01-31T12:01:00.000000Z,1,0", ""],
            csv.Select(line => string.Join(',', line.Split(',').Take(4))));
        TestGateway.Problem((await gateway.GetAsync("/api/replays/r1/flags", "image/png")).Text, 406);
    }

    [Theory]
    [InlineData("/api/replays/r2/flags", 409, "The replay is not done: it is running.")]
    [InlineData("/api/replays/r2/stats", 409, "The replay is not done: it is running.")]
    [InlineData("/api/replays/r3/flags", 409, "The replay failed: the span has no readings.")]
    [InlineData("/api/replays/r9/flags", 404, "There is no replay 'r9', or no longer.")]
    public async Task WithoutAResultItSaysWhy(string url, int status, string detail)
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.Equal(detail, TestGateway.Problem((await gateway.GetAsync(url)).Text, status).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task ItIsRemoved()
    {
        await using var gateway = await TestGateway.StartAsync();

        using var removed = await gateway.Client.DeleteAsync("/api/replays/r1");
        using var unknown = await gateway.Client.DeleteAsync("/api/replays/r9");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, unknown.StatusCode));
        Assert.Equal(["r1", "r9"], gateway.Grid.Replays.Removed);
    }
}
