using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Tests;

public sealed class ServerTests
{
    [Theory]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/api/factories/f1/machines/m1/sensors/temp1/other", 404)]
    [InlineData("GET", "/openapi/v2.json", 404)]
    [InlineData("GET", "/../../etc/passwd", 404)]
    [InlineData("POST", "/api/factories", 405)]
    [InlineData("GET", "/write", 405)]
    [InlineData("DELETE", "/api/flags", 405)]
    [InlineData("OPTIONS", "/api/readings", 405)]
    public async Task WhatIsNotServedIsAProblemToo(string method, string path, int status)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(status, (int)response.StatusCode);
        var problem = TestGateway.Problem(await response.Content.ReadAsStringAsync(), status);
        Assert.Equal(status == 405, problem.TryGetProperty("allowed", out _));
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST:8080", 200)]
    [InlineData("127.0.0.1:1", 200)]
    [InlineData("[::1]:8080", 200)]
    [InlineData("[::1]", 200)]
    [InlineData("evil.example", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("127.0.0.1.evil.example:8080", 421)]
    [InlineData("192.168.0.1", 421)]
    [InlineData("[::2]", 421)]
    [InlineData("", 421)]
    public async Task OnlyThisMachinesNamesAreAnswered(string host, int status)
    {
        await using var gateway = await TestGateway.StartAsync();
        var answer = await gateway.SendRawAsync($"GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5173", 204)]
    [InlineData("http://127.0.0.1:8080", 204)]
    [InlineData("https://evil.example", 403)]
    [InlineData("http://localhost.evil.example", 403)]
    [InlineData("null", 403)]
    public async Task PagesOfOtherSitesMayNotWrite(string origin, int status)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/write") { Content = new StringContent("x") };
        request.Headers.Add("Origin", origin);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 204 ? 1 : 0, gateway.Grid.Writes.Count);
    }

    [Fact]
    public async Task HeadIsGetWithoutABody()
    {
        await using var gateway = await TestGateway.StartAsync();
        var answer = await gateway.SendRawAsync("HEAD /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("live", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("GET /api/factories/%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /api/factories/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /api/flags?=%%%&&path=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\nConnection: close\r\n\r\n", 413)]
    [InlineData("POST /write HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n", 400)]
    [InlineData("POST /write HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nfffffffffffffffff\r\n", 400)]
    public async Task MalformedRequestsAre4xx(string request, int status)
    {
        await using var gateway = await TestGateway.StartAsync();
        var answer = await gateway.SendRawAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Empty(gateway.Grid.Writes);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/health/live")).Status);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.168.1.1")]
    public void OnlyLoopbackMayBeBound(string bind)
    {
        var error = Assert.Throws<ArgumentException>(() => new GatewayHost(new FakeGrid(), new GatewayOptions { Bind = bind }, NullLoggerFactory.Instance));
        Assert.Equal($"Bind is {bind}: it must be a loopback address (127.0.0.1 or ::1) until there is authentication.", error.Message);
    }

    [Fact]
    public async Task TheEnvironmentOpensNoOtherAddress()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://0.0.0.0:0");
        try
        {
            await using var gateway = await TestGateway.StartAsync();
            Assert.Equal("127.0.0.1", gateway.Address.Host);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        }
    }

    [Fact]
    public async Task APortInUseIsAnIOException()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var second = new GatewayHost(new FakeGrid(), new GatewayOptions { Port = gateway.Address.Port }, NullLoggerFactory.Instance);
        await Assert.ThrowsAsync<IOException>(() => second.StartAsync());
    }

    [Fact]
    public async Task ConnectionsAreBounded()
    {
        await using var gateway = await TestGateway.StartAsync(new GatewayOptions { MaxConnections = 1 });
        using var first = await gateway.ConnectAsync();
        var live = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
        await first.SendAsync(live);
        Assert.True(await first.ReceiveAsync(new byte[1000]) > 0);
        using var second = await gateway.ConnectAsync();
        await second.SendAsync(live);
        Assert.DoesNotContain("200", await TestGateway.ReceiveAllAsync(second), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task AClientThatTakesNothingOrAByteASecondIsCutOff(int bytes)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (asked, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Grid.OnReadings = _ =>
        {
            asked.SetResult();
            return Endless(ended);
        };
        using var socket = await gateway.ConnectAsync();
        await socket.SendAsync("GET /api/factories/f1/machines/m1/sensors/temp1/readings?limit=10000000 HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        // Until then time would run out for a connection that sends nothing.
        await asked.Task;
        await Eventually.TrueAsync(
            async () =>
            {
                gateway.Time.Advance(TimeSpan.FromSeconds(10));
                if (socket.Available > 0)
                {
                    await socket.ReceiveAsync(new byte[bytes]);
                }
                return ended.Task.IsCompleted;
            },
            "the grid is asked for no more");
        Assert.EndsWith("[reset]", await TestGateway.ReceiveAllAsync(socket), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () => (await gateway.GetAsync("/metrics")).Text.Contains(
                """{route="/api/factories/{factory}/machines/{machine}/sensors/{sensor}/readings",status="499"} 1""", StringComparison.Ordinal),
            "it is counted as one that left");
    }

    [Fact]
    public async Task AConnectionThatSendsNothingMakesRoomSoon()
    {
        await using var gateway = await TestGateway.StartAsync(new GatewayOptions { MaxConnections = 1 });
        using var silent = await gateway.ConnectAsync();
        var waiting = TestGateway.ReceiveAllAsync(silent);
        Assert.DoesNotContain("200", await GetLiveAsync(gateway), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () =>
            {
                gateway.Time.Advance(TimeSpan.FromSeconds(1));
                return (await GetLiveAsync(gateway)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
            },
            "there is room");
        Assert.Equal("", await waiting);
    }

    [Fact]
    public async Task HeadersThatAreNotFinishedMakeRoomSoon()
    {
        await using var gateway = await TestGateway.StartAsync(new GatewayOptions { MaxConnections = 1 });
        using var half = await gateway.ConnectAsync();
        await half.SendAsync("GET /health/live HTTP/1.1\r\nHost: "u8.ToArray());
        var since = Stopwatch.StartNew();
        Assert.StartsWith("HTTP/1.1 408 ", await TestGateway.ReceiveAllAsync(half), StringComparison.Ordinal);
        Assert.InRange(since.Elapsed, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(14));
        await Eventually.TrueAsync(async () => (await GetLiveAsync(gateway)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal), "there is room");
    }

    [Fact]
    public async Task AStopDoesNotWaitForConnectionsThatSendNothing()
    {
        var gateway = await TestGateway.StartAsync();
        using var silent = await gateway.ConnectAsync();
        await gateway.GetAsync("/health/live");
        var since = Stopwatch.StartNew();
        await gateway.DisposeAsync();
        // Beyond the test's own patience of five seconds, at which it would be cut short.
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4.9));
    }

    private static async Task<string> GetLiveAsync(TestGateway gateway)
    {
        try
        {
            return await gateway.SendRawAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        }
        catch (SocketException)
        {
            return "[refused]";
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<Reading>> Endless(TaskCompletionSource ended)
    {
        try
        {
            for (var chunk = Enumerable.Repeat(Canned.Readings[0], 1000).ToArray(); ; await Task.Yield())
            {
                yield return chunk;
            }
        }
        finally
        {
            ended.SetResult();
        }
    }
}
