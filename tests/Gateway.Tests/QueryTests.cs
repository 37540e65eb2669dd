using System.Net;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Tests;

public sealed class QueryTests
{
    private const string Sensor = "/api/factories/f1/machines/m1/sensors/temp1";
    private const long Second = EventTime.Second;
    private const long Hour = EventTime.Hour;

    [Theory]
    [InlineData("", Canned.Noon - Hour, Canned.Noon + EventTime.Day)]
    [InlineData("?from=&to=", Canned.Noon - Hour, Canned.Noon + EventTime.Day)]
    [InlineData("?to=now", Canned.Noon - Hour, Canned.Noon)]
    [InlineData("?to=-1d", Canned.Noon - EventTime.Day - Hour, Canned.Noon - EventTime.Day)]
    [InlineData("?from=-90s", Canned.Noon - (90 * Second), Canned.Noon + EventTime.Day)]
    [InlineData("?from=2026-01-31T12:00:00Z&to=2026-01-31T13:00:00%2B01:00", Canned.Noon, Canned.Noon)]
    [InlineData("?from=2026-01-31T13:00:00+01:00&to=2026-01-31T12:00:00.0000019Z", Canned.Noon, Canned.Noon + 1)]
    [InlineData("?from=2026-01-31t04:30:00.5-07:30&to=now", Canned.Noon + (Second / 2), null)]
    [InlineData("?from=2026-02-03T12:00:00Z", Canned.Noon + (3 * EventTime.Day), Canned.Noon + (4 * EventTime.Day))]
    [InlineData("?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.999999Z", -62_135_596_800 * Second, (253_402_300_800 * Second) - 1)]
    public async Task SpansAreUnderstood(string query, long from, long? to)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (status, text) = await gateway.GetAsync(Sensor + "/readings" + query);
        if (to is null)
        {
            Assert.Equal("from", TestGateway.Problem(text, 400).GetProperty("parameter").GetString());
            return;
        }
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal($"readings f1/m1/temp1 {from} {to}", Assert.Single(gateway.Grid.Calls));
    }

    [Theory]
    [InlineData("/readings?from=yesterday", "from")]
    [InlineData("/readings?from=2026-01-31", "from")]
    [InlineData("/readings?from=2026-02-30T00:00:00Z", "from")]
    [InlineData("/readings?from=2026-01-31T24:00:00Z", "from")]
    [InlineData("/readings?from=2026-01-31T12:00:00", "from")]
    [InlineData("/readings?from=2026-01-31T12:00:00.Z", "from")]
    [InlineData("/readings?from=2026-01-31T12:00:00%2B1:00", "from")]
    [InlineData("/readings?from=1769860800000000", "from")]
    [InlineData("/readings?from=-99999999999999999999d", "from")]
    [InlineData("/readings?to=%2B1h", "to")]
    [InlineData("/readings?to=1h", "to")]
    [InlineData("/readings?from=now&to=-1s", "from")]
    [InlineData("/stats?from=2026-01-31T12:00:01Z&to=2026-01-31T12:00:00Z", "from")]
    [InlineData("/readings?limit=0", "limit")]
    [InlineData("/readings?limit=10000001", "limit")]
    [InlineData("/readings?limit=ten", "limit")]
    [InlineData("/readings?limit=%20%2B5", "limit")]
    [InlineData("/readings?limit=99999999999999999999", "limit")]
    [InlineData("/readings?from=now&from=now", "from")]
    [InlineData("/stats?window=7m", "window")]
    [InlineData("/stats?window=", null)]
    [InlineData("/stats?window=60s", null)]
    [InlineData("/stats?from=0001-01-01T00:00:00Z&window=10s", "window")]
    [InlineData("/stats?from=-139d&to=now&window=1m", "window")]
    [InlineData("/stats?from=-138d&to=now&window=1m", null)]
    public async Task WrongParametersAreNamed(string query, string? parameter)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (status, text) = await gateway.GetAsync(Sensor + query);
        if (parameter is null)
        {
            Assert.Equal(HttpStatusCode.OK, status);
            return;
        }
        Assert.Equal(parameter, TestGateway.Problem(text, 400).GetProperty("parameter").GetString());
        Assert.Empty(gateway.Grid.Calls);
    }

    [Fact]
    public async Task AWindowThatIsNotConfiguredIsToldWhichAre()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync(Sensor + "/stats?window=7m");
        Assert.Equal(
            """{"title":"Bad Request","status":400,"detail":"window is '7m', which is not configured.","parameter":"window","allowed":["10s","1m","15m","1h","1d"]}""",
            text);
    }

    [Theory]
    [InlineData("/stats", "f1/m1/temp1", EventTime.Minute)]
    [InlineData("/stats?window=15m", "f1/m1/temp1", 15 * EventTime.Minute)]
    [InlineData("/stats?window=24h", "f1/m1/temp1", EventTime.Day)]
    public async Task WindowsArePassedOn(string query, string path, long size)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.GetAsync(Sensor + query);
        Assert.Equal($"stats {path} {Canned.Noon - Hour} {Canned.Noon + EventTime.Day} {size}", Assert.Single(gateway.Grid.Calls));
    }

    [Fact]
    public async Task ReadingsAsCsv()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync(Sensor + "/readings?limit=3", "text/csv");
        Assert.Equal(
            """
            time,value,quality
            1970-01-01T00:00:00.000000Z,0.1,good
            2026-01-31T12:00:00.000001Z,-0,uncertain
            2026-02-01T11:59:59.999999Z,1.7976931348623157E+308,bad

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public async Task StatisticsAsCsv()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, sensor) = await gateway.GetAsync(Sensor + "/stats", "text/csv");
        Assert.Equal(
            """
            start,count,good_count,sum,mean,min,max,stddev,first,last,time_weighted_mean,p50,p95,p99
            2026-01-31T12:00:00.000000Z,6,5,12.5,2.5,-1,1E+21,0.1,1,2,2.25,2.5,4.75,5E-324
            2026-01-31T12:01:00.000000Z,1,0,,,,,,,,,,,

            """.ReplaceLineEndings("\n"),
            sensor);
        foreach (var path in new[] { "/api/factories/f1/stats", "/api/factories/f1/machines/m1/stats" })
        {
            var (_, pooled) = await gateway.GetAsync(path, "text/csv");
            Assert.Equal(
                """"
                kind,start,count,good_count,sum,mean,min,max,stddev,first,last,time_weighted_mean,p50,p95,p99
                temp,2026-01-31T12:00:00.000000Z,6,5,12.5,2.5,-1,1E+21,0.1,1,2,2.25,2.5,4.75,5E-324
                "odd,""kind""",2026-01-31T12:01:00.000000Z,1,0,,,,,,,,,,,

                """".ReplaceLineEndings("\n"),
                pooled);
        }
    }

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/csv", "text/csv")]
    [InlineData("text/*", "text/csv")]
    [InlineData("application/json", "application/json")]
    [InlineData("text/csv;q=0.5, application/json;q=0.6", "application/json")]
    [InlineData("application/json;q=0.5, text/csv", "text/csv")]
    [InlineData("text/html, */*;q=0.1", "application/json")]
    [InlineData("application/json;q=0, */*", "text/csv")]
    [InlineData("not a media type", "application/json")]
    [InlineData("text/html", "application/problem+json")]
    public async Task AcceptDecidesTheFormat(string? accept, string expected)
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var route in new[] { "/readings", "/stats" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Sensor + route);
            if (accept is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept", accept);
            }
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal(expected, response.Content.Headers.ContentType!.ToString());
            Assert.Equal(expected.Contains("problem", StringComparison.Ordinal) ? 406 : 200, (int)response.StatusCode);
            Assert.Equal("Accept", response.Headers.Vary.Single());
        }
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(3, true)]
    [InlineData(2, true)]
    [InlineData(1, true)]
    public async Task TruncationIsTold(int limit, bool truncated)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync($"{Sensor}/readings?limit={limit}");
        Assert.Equal(truncated, text.EndsWith("],\"truncated\":true}", StringComparison.Ordinal));
        Assert.Equal(limit, text.Split("\"time\"").Length - 1);
    }

    [Theory]
    [InlineData("", "flags -9223372036854775808 9223372036854775807 - - 1000")]
    [InlineData("?state=shelved&limit=10000", "flags -9223372036854775808 9223372036854775807 - Shelved 10000")]
    [InlineData("?path=f1/m*/temp*&from=-1h&to=now", "flags 1769857200000000 1769860800000000 f1/m*/temp* - 1000")]
    [InlineData("?path=*", "flags -9223372036854775808 9223372036854775807 * - 1000")]
    public async Task FlagsAreFiltered(string query, string call)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.GetAsync("/api/flags" + query);
        Assert.Equal(call, Assert.Single(gateway.Grid.Calls));
    }

    [Theory]
    [InlineData("/api/flags?state=open", "state")]
    [InlineData("/api/flags?state=0", "state")]
    [InlineData("/api/flags?path=a/b/c/d", "path")]
    [InlineData("/api/flags?path=a//c", "path")]
    [InlineData("/api/flags?path=a%3Bdrop", "path")]
    [InlineData("/api/flags?limit=10001", "limit")]
    [InlineData("/api/flags?from=now&to=-1h", "from")]
    [InlineData("/api/dead-letters?limit=-1", "limit")]
    public async Task WrongFiltersAreNamed(string url, string parameter)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync(url);
        Assert.Equal(parameter, TestGateway.Problem(text, 400).GetProperty("parameter").GetString());
        Assert.Empty(gateway.Grid.Calls);
    }

    [Theory]
    [InlineData("/api/factories")]
    [InlineData("/api/factories/f1")]
    [InlineData("/api/factories/f1/machines/m1")]
    [InlineData(Sensor)]
    [InlineData(Sensor + "/stats")]
    [InlineData("/api/flags")]
    [InlineData("/api/dead-letters")]
    public async Task AStoreThatDoesNotAnswerIs503(string url)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Failure = new StoreUnavailableException("Postgres is gone", TimeSpan.FromSeconds(3));
        using var response = await gateway.Client.GetAsync(url);
        TestGateway.Problem(await response.Content.ReadAsStringAsync(), 503);
        Assert.Equal("3", response.Headers.GetValues("Retry-After").Single());
    }

    [Theory]
    [InlineData(Sensor + "/readings")]
    [InlineData(Sensor + "/stats")]
    public async Task DamagedHistoryIs500AndSaysWhich(string url)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Failure = new DamagedHistoryException("f1/m1/s1", 0, 1_000_000, 2, "the checksum does not match");
        gateway.Grid.OnReadings = _ => throw gateway.Grid.Failure;
        var (_, text) = await gateway.GetAsync(url);
        var problem = TestGateway.Problem(text, 500);
        Assert.Equal(
            "The history of f1/m1/s1 from 1970-01-01T00:00:00.000000Z to 1970-01-01T00:00:01.000000Z (2 readings) is damaged and cannot be read: "
            + "the checksum does not match. What lies before and after it can be asked for.",
            problem.GetProperty("detail").GetString());
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Exception is not null);
    }

    [Fact]
    public async Task ReadingsThatFailBeforeTheFirstChunkAre503()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnReadings = _ => Failing(0);
        var (_, text) = await gateway.GetAsync(Sensor + "/readings");
        TestGateway.Problem(text, 503);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2000)]
    public async Task ReadingsThatFailInTheMiddleBreakTheConnection(int rows)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnReadings = _ => Failing(rows);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.GetAsync(Sensor + "/readings"));
        Assert.Contains(gateway.Log.Lines, line => line.Text.Contains("broken off", StringComparison.Ordinal));
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<Reading>> Failing(int rows)
    {
        await Task.Yield();
        if (rows > 0)
        {
            yield return Enumerable.Range(0, rows).Select(i => new Reading(i, i)).ToArray();
        }
        throw new StoreUnavailableException("Postgres is gone", TimeSpan.FromSeconds(1));
    }
}
