using System.Net;

namespace SensorGrid.Gateway.Tests;

/// <summary>Golden answers: names and forms that clients rely on. A change here is a new version of the interface.</summary>
public sealed class TwinTests
{
    private const string ClosedWindow =
        """{"size":"1m","start":"2026-01-31T12:00:00.000000Z","closed":true,"count":6,"goodCount":5,"sum":12.5,"mean":2.5,"min":-1,"max":1E+21,"stddev":0.1,"first":1,"last":2,"timeWeightedMean":2.25,"p50":2.5,"p95":4.75,"p99":5E-324}""";

    private const string EmptyWindow =
        """{"size":"1m","start":"2026-01-31T12:01:00.000000Z","closed":false,"count":1,"goodCount":0,"sum":null,"mean":null,"min":null,"max":null,"stddev":null,"first":null,"last":null,"timeWeightedMean":null,"p50":null,"p95":null,"p99":null}""";

    private const string Flag =
        """{"id":"00000000000000ff","path":"f1/m1/temp1","detector":"limits","severity":"alarm","from":"2026-01-31T12:00:00.000000Z","to":null,"score":1.5,"state":"active","acknowledged":null,"backfilled":false}""";

    private const string Counters = """{"readings":10,"duplicates":1,"late":2,"corrections":3}""";

    private const string Machines =
        """[{"name":"m1","sensors":2,"lastTime":"2026-01-31T12:00:00.000000Z","openFlags":1},{"name":"m2","sensors":0,"lastTime":null,"openFlags":0}]""";

    private const string Sensors =
        """[{"name":"temp1","kind":"temp","last":{"time":"2026-01-31T12:00:00.000000Z","value":1,"quality":"bad"},"openFlags":1},{"name":"new","kind":"new","last":null,"openFlags":0}]""";

    private const string M1 = "/api/factories/f1/machines/m1";

    public static TheoryData<string, string, string> Answers() => new()
    {
        {
            "/api/factories",
            "FactoryList",
            """{"factories":[{"name":"f1","machines":1,"sensors":2,"openFlags":1},{"name":"f2","machines":0,"sensors":0,"openFlags":0}]}"""
        },
        {
            "/api/factories/f1",
            "FactoryTwin",
            $$"""{"path":"f1","machines":{{Machines}},"kinds":[{"kind":"temp","sensors":1,"windows":[]}],"flags":[],"counters":{{Counters}}}"""
        },
        { "/api/factories/f1/machines", "MachineList", $$"""{"path":"f1","machines":{{Machines}}}""" },
        {
            M1,
            "MachineTwin",
            $$"""{"path":"f1/m1","lastTime":"2026-01-31T12:00:00.000000Z","sensors":{{Sensors}},"kinds":[{"kind":"temp","sensors":1,"windows":[{{ClosedWindow}}]}],"flags":[{{Flag}}],"counters":{{Counters}}}"""
        },
        { M1 + "/sensors", "SensorList", $$"""{"path":"f1/m1","sensors":{{Sensors}}}""" },
        {
            M1 + "/sensors/temp1",
            "SensorTwin",
            $$"""{"path":"f1/m1/temp1","kind":"temp","last":{"time":"2026-01-31T12:00:00.123456Z","value":81.25,"quality":"good"},"windows":[{{ClosedWindow}},{{EmptyWindow}}],"flags":[{{Flag}}],"counters":{{Counters}}}"""
        },
        {
            M1 + "/sensors/new",
            "SensorTwin",
            """{"path":"f1/m1/new","kind":"new","last":null,"windows":[],"flags":[],"counters":{"readings":0,"duplicates":0,"late":0,"corrections":0}}"""
        },
        {
            M1 + "/sensors/temp1/readings",
            "ReadingsAnswer",
            """{"path":"f1/m1/temp1","rows":[{"time":"1970-01-01T00:00:00.000000Z","value":0.1,"quality":"good"},{"time":"2026-01-31T12:00:00.000001Z","value":-0,"quality":"uncertain"},{"time":"2026-02-01T11:59:59.999999Z","value":1.7976931348623157E+308,"quality":"bad"},{"time":"2262-04-11T23:47:16.854775Z","value":5E-324,"quality":"good"}]}"""
        },
        {
            M1 + "/sensors/temp1/readings?limit=1",
            "ReadingsAnswer",
            """{"path":"f1/m1/temp1","rows":[{"time":"1970-01-01T00:00:00.000000Z","value":0.1,"quality":"good"}],"truncated":true}"""
        },
        {
            M1 + "/sensors/temp1/stats",
            "SensorStatistics",
            $$"""{"path":"f1/m1/temp1","window":"1m","rows":[{{ClosedWindow}},{{EmptyWindow}}]}"""
        },
        { M1 + "/sensors/new/stats?window=15m", "SensorStatistics", """{"path":"f1/m1/new","window":"15m","rows":[]}""" },
        {
            M1 + "/stats?window=1d",
            "PooledStatistics",
            $$"""{"path":"f1/m1","window":"1d","kinds":[{"kind":"temp","sensors":2,"rows":[{{ClosedWindow}}]},{"kind":"odd,\"kind\"","sensors":1,"rows":[{{EmptyWindow}}]}]}"""
        },
        {
            "/api/factories/f1/stats?window=10s",
            "PooledStatistics",
            $$"""{"path":"f1","window":"10s","kinds":[{"kind":"temp","sensors":2,"rows":[{{ClosedWindow}}]},{"kind":"odd,\"kind\"","sensors":1,"rows":[{{EmptyWindow}}]}]}"""
        },
        { "/api/flags", "FlagList", $$"""{"flags":[{{Flag}}]}""" },
        {
            "/api/dead-letters",
            "DeadLetterList",
            """{"rows":[{"id":7,"time":"2026-01-31T12:00:00.000000Z","source":"127.0.0.1","line":3,"reason":"no \"field\"","raw":"café"""
                + "\uFFFD" + """\n<x>"}]}"""
        },
        { "/health/live", "Status", """{"status":"live"}""" },
        { "/health/ready", "Status", """{"status":"ready"}""" },
        {
            "/",
            "Root",
            """{"name":"SensorGrid","version":"1.2.3","links":{"factories":"/api/factories","flags":"/api/flags","live":"/api/live","replays":"/api/replays","deadLetters":"/api/dead-letters","health":"/health/ready","metrics":"/metrics","openapi":"/openapi/v1.json"}}"""
        },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task AnswersAreFrozenAndAsDocumented(string url, string schema, string expected)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await gateway.Client.GetAsync(url);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(expected, text);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        (await OpenApiSchemas.LoadAsync(gateway)).AssertMatches(schema, text);
    }

    [Theory]
    [InlineData("/api/factories/no", "factory", "There is no factory 'no'.")]
    [InlineData("/api/factories/no/machines", "factory", "There is no factory 'no'.")]
    [InlineData("/api/factories/no/machines/m1", "factory", "There is no factory 'no'.")]
    [InlineData("/api/factories/f1/machines/no", "machine", "There is no machine 'no' in factory 'f1'.")]
    [InlineData("/api/factories/f1/machines/no/sensors", "machine", "There is no machine 'no' in factory 'f1'.")]
    [InlineData("/api/factories/f1/machines/no/sensors/temp1", "machine", "There is no machine 'no' in factory 'f1'.")]
    [InlineData("/api/factories/f1/machines/m1/sensors/no", "sensor", "There is no sensor 'no' on machine 'f1/m1'.")]
    [InlineData("/api/factories/no/machines/m1/sensors/temp1/readings", "factory", "There is no factory 'no'.")]
    [InlineData("/api/factories/f1/machines/m1/sensors/no/readings", "sensor", "There is no sensor 'no' on machine 'f1/m1'.")]
    [InlineData("/api/factories/f1/machines/m1/sensors/no/stats", "sensor", "There is no sensor 'no' on machine 'f1/m1'.")]
    [InlineData("/api/factories/f1/machines/no/stats", "machine", "There is no machine 'no' in factory 'f1'.")]
    [InlineData("/api/factories/no/stats", "factory", "There is no factory 'no'.")]
    public async Task UnknownPathsSayWhichPart(string url, string part, string detail)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync(url);
        var problem = TestGateway.Problem(text, 404);
        Assert.Equal(part, problem.GetProperty("parameter").GetString());
        Assert.Equal(detail, problem.GetProperty("detail").GetString());
        (await OpenApiSchemas.LoadAsync(gateway)).AssertMatches("Problem", text);
    }

    [Theory]
    [InlineData("/api/factories/f%201", "factory")]
    [InlineData("/api/factories/f1%2Fm1", "factory")]
    [InlineData("/api/factories/%C3%A9", "factory")]
    [InlineData("/api/factories/%22%27%3Cscript%3E", "factory")]
    [InlineData("/api/factories/f1/machines/m%0A1", "machine")]
    [InlineData("/api/factories/f1/machines/m1/sensors/s*", "sensor")]
    [InlineData("/api/factories/f1/machines/m1/sensors/%FF%FE/readings", "sensor")]
    [InlineData("/api/factories/f1/machines/m1/sensors/a%5Cb/stats", "sensor")]
    public async Task OddCharactersInPathsAre400(string url, string part)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync(url);
        Assert.Equal(part, TestGateway.Problem(text, 400).GetProperty("parameter").GetString());
        Assert.Empty(gateway.Grid.Calls);
    }

    [Fact]
    public async Task OverlongPartsAre400()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync("/api/factories/" + new string('a', 129));
        Assert.Contains("128", TestGateway.Problem(text, 400).GetProperty("detail").GetString(), StringComparison.Ordinal);
        TestGateway.Problem((await gateway.GetAsync("/api/factories/" + new string('a', 128))).Text, 404);
    }

    [Fact]
    public async Task WhenNotReadyHealthSaysWhy()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Info = gateway.Grid.Info with { IsReady = false, NotReady = "Postgres does not answer since 12:00." };
        using var response = await gateway.Client.GetAsync("/health/ready");
        var problem = TestGateway.Problem(await response.Content.ReadAsStringAsync(), 503);
        Assert.Equal("Postgres does not answer since 12:00.", problem.GetProperty("detail").GetString());
        Assert.True(response.Headers.Contains("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/health/live")).Status);
        Assert.Contains("sensorgrid_gateway_ready 0\n", (await gateway.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/factories/f1/machines", "machines f1")]
    [InlineData("/api/factories/f1/machines/m1/sensors", "sensors f1/m1")]
    [InlineData("/api/factories/f1/machines/mx", "machine f1/mx")]
    [InlineData("/api/factories/f1/machines/m1/sensors/sx", "sensor f1/m1/sx")]
    public async Task ListsAndRefusalsBuildNoOtherTwins(string path, string call)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.GetAsync(path);
        Assert.Equal([call], gateway.Grid.Calls);
    }
}
