using System.Net;
using System.Text;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Gateway.Tests;

public sealed class LiveTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task UpdatesComeAsEventsWithNamesAndIds()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (response, lines) = await OpenAsync(gateway, "/api/live?path=f1/*");
        Assert.Equal(("text/event-stream", "no-store"), (response.Content.Headers.ContentType!.ToString(), response.Headers.CacheControl!.ToString()));
        Assert.Equal("live f1/*", Assert.Single(gateway.Grid.Calls));
        var feed = await gateway.Grid.Feeds.Reader.ReadAsync();
        Assert.Equal([": live", ""], await ReadAsync(lines, 2));
        feed.Put(new SensorUpdate(Canned.NewSensor));
        feed.Put(new FlagUpdate(Canned.Flag));
        feed.Put(new MissedUpdate());
        Assert.Equal(
            [
                "event: sensor", "id: 1",
                """data: {"path":"f1/m1/new","kind":"new","last":null,"windows":[],"flags":[],"counters":{"readings":0,"duplicates":0,"late":0,"corrections":0}}""", "",
                "event: flag", "id: 2",
                """data: {"id":"00000000000000ff","path":"f1/m1/temp1","detector":"limits","severity":"alarm","from":"2026-01-31T12:00:00.000000Z","to":null,"score":1.5,"state":"active","acknowledged":null,"backfilled":false}""", "",
                "event: missed", "id: 3", "data: {}", "",
            ],
            await ReadAsync(lines, 12));
        response.Dispose();
        await feed.Ended.WaitAsync(Deadline);
    }

    [Fact]
    public async Task AClientThatComesBackIsToldThatItMissedSomething()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Client.DefaultRequestHeaders.Add("Last-Event-ID", "17");
        var (response, lines) = await OpenAsync(gateway, "/api/live");
        Assert.Equal(["event: missed", "id: 1", "data: {}", ""], await ReadAsync(lines, 4));
        response.Dispose();
    }

    [Fact]
    public async Task ASilentStreamBeats()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (response, lines) = await OpenAsync(gateway, "/api/live");
        await ReadAsync(lines, 2);
        var beat = ReadAsync(lines, 4);
        for (var beats = 0; !beat.IsCompleted; beats++)
        {
            gateway.Time.Advance(Routes.LiveRoutes.Heartbeat);
            await Task.WhenAny(beat, Task.Delay(1));
        }
        Assert.Equal([": beat", "", ": beat", ""], await beat);
        var feed = await gateway.Grid.Feeds.Reader.ReadAsync();
        feed.Put(new MissedUpdate());
        List<string> after;
        do
        {
            after = await ReadAsync(lines, 1);
        }
        while (after[0] is ": beat" or "");
        Assert.Equal(["event: missed"], after);
        response.Dispose();
    }

    [Theory]
    [InlineData("/api/live?path=a/b/c/d", 400, "path")]
    [InlineData("/api/live?path=a//c", 400, "path")]
    public async Task ABadPathIsAProblem(string url, int status, string parameter)
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.Equal(parameter, TestGateway.Problem((await gateway.GetAsync(url)).Text, status).GetProperty("parameter").GetString());
        Assert.Empty(gateway.Grid.Calls);
    }

    [Fact]
    public async Task AGridThatIsNotReadyIsAProblemAndOtherSitesAreKeptOut()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Failure = new StoreUnavailableException("starting", TimeSpan.FromSeconds(1));
        TestGateway.Problem((await gateway.GetAsync("/api/live")).Text, 503);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/api/live") { Headers = { { "Origin", "http://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await gateway.Client.SendAsync(foreign)).StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/api/live");
        using var answer = await gateway.Client.SendAsync(head);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
    }

    [Fact]
    public async Task MoreStreamsThanThereMayBeAreRefusedUntilOneEnds()
    {
        await using var gateway = await TestGateway.StartAsync(new GatewayOptions { MaxLiveStreams = 1 });
        var (first, _) = await OpenAsync(gateway, "/api/live");
        var (status, text) = await gateway.GetAsync("/api/live");
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        TestGateway.Problem(text, 429);
        first.Dispose();
        await (await gateway.Grid.Feeds.Reader.ReadAsync()).Ended.WaitAsync(Deadline);
        await Eventually.TrueAsync(
            async () =>
            {
                using var again = await gateway.Client.GetAsync("/api/live", HttpCompletionOption.ResponseHeadersRead);
                return again.StatusCode == HttpStatusCode.OK;
            },
            "there is room again");
    }

    [Fact]
    public async Task AShutdownEndsStreamsWhole()
    {
        var gateway = await TestGateway.StartAsync();
        var (_, lines) = await OpenAsync(gateway, "/api/live");
        await ReadAsync(lines, 2);
        var feed = await gateway.Grid.Feeds.Reader.ReadAsync();
        var rest = lines.ReadToEndAsync();
        await gateway.DisposeAsync();
        Assert.Equal("", await rest.WaitAsync(Deadline));
        Assert.True(feed.Ended.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task AStreamThatAShutdownKeptFromBeginningIsAProblem()
    {
        var gateway = await TestGateway.StartAsync();
        var asked = new TaskCompletionSource();
        gateway.Grid.OnWatch = cancellation =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.Infinite, cancellation);
        };
        // The gateway's own client goes with it.
        using var client = new HttpClient { BaseAddress = gateway.Address };
        var answer = client.GetAsync("/api/live");
        await asked.Task.WaitAsync(Deadline);
        await gateway.DisposeAsync();
        using var response = await answer.WaitAsync(Deadline);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        TestGateway.Problem(await response.Content.ReadAsStringAsync(), 503);
    }

    [Fact]
    public async Task TheMetricsCountOpenStreams()
    {
        await using var gateway = await TestGateway.StartAsync();
        async Task<bool> AreOpenAsync(int streams) =>
            (await gateway.GetAsync("/metrics")).Text.Contains($"\nsensorgrid_gateway_live_streams {streams}\n", StringComparison.Ordinal);
        Assert.True(await AreOpenAsync(0));
        var (first, _) = await OpenAsync(gateway, "/api/live");
        var (second, _) = await OpenAsync(gateway, "/api/live");
        Assert.True(await AreOpenAsync(2));
        first.Dispose();
        await Eventually.TrueAsync(() => AreOpenAsync(1), "one has ended");
        second.Dispose();
        await Eventually.TrueAsync(() => AreOpenAsync(0), "both have ended");
    }

    [Fact]
    public async Task AClientThatReadsNothingStopsItsFeedAloneAndIsLetGoWhenItLeaves()
    {
        await using var gateway = await TestGateway.StartAsync();
        var socket = await gateway.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var stuck = await gateway.Grid.Feeds.Reader.ReadAsync();
        var (response, lines) = await OpenAsync(gateway, "/api/live");
        var other = await gateway.Grid.Feeds.Reader.ReadAsync();
        var large = new FlagUpdate(Canned.Flag with { Detector = new string('x', 100_000) });
        for (var i = 0; i < 500; i++)
        {
            stuck.Put(large);
        }
        // Far less than all of it fits into the buffers between here and there.
        await Eventually.TrueAsync(() => stuck.Waiting < 500, "the Gateway has begun");
        other.Put(new FlagUpdate(Canned.Flag with { State = AlarmState.Shelved }));
        Assert.Contains("shelved", (await ReadAsync(lines, 5))[4], StringComparison.Ordinal);
        Assert.InRange(stuck.Waiting, 300, 500);
        Assert.False(stuck.Ended.IsCompleted);
        socket.Close(0);
        await stuck.Ended.WaitAsync(Deadline);
        response.Dispose();
    }

    private static async Task<(HttpResponseMessage Response, StreamReader Lines)> OpenAsync(TestGateway gateway, string url)
    {
        var response = await gateway.Client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Deadline);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private static async Task<List<string>> ReadAsync(StreamReader lines, int count)
    {
        var read = new List<string>();
        while (read.Count < count)
        {
            read.Add((await lines.ReadLineAsync().WaitAsync(Deadline))!);
        }
        return read;
    }
}
