using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace SensorGrid.Gateway.Tests;

public sealed class MountTests
{
    [Theory]
    [InlineData("/more", null, 200, "/more")]
    [InlineData("/more/a/b", null, 200, "/more/a/b")]
    [InlineData("/more/missing", null, 404, "There is nothing at /more/missing")]
    [InlineData("/more/broken", null, 500, "The request failed in a way that was not foreseen")]
    [InlineData("/more", "evil.example", 421, "Host")]
    [InlineData("/moreover", null, 404, "There is nothing at /moreover")]
    [InlineData("/health/live", null, 200, "live")]
    public async Task WhatTheOwnerMountsIsServedBehindTheSamePipeline(string path, string? host, int status, string text)
    {
        await using var gateway = new GatewayHost(
            new FakeGrid(), new GatewayOptions { Port = 0 }, NullLoggerFactory.Instance, mounts: [new GatewayMount("/more", ServeAsync)]);
        await gateway.StartAsync();
        using var client = new HttpClient { BaseAddress = gateway.Address };
        using var response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } });
        var answer = await response.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Contains(text, answer, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        if (status != 200)
        {
            TestGateway.Problem(answer, status);
        }
        await gateway.StopAsync();
    }

    private static Task ServeAsync(HttpContext context)
    {
        if (context.Request.Path == "/more/missing")
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        }
        return context.Request.Path == "/more/broken" ? throw new InvalidOperationException("broken") : context.Response.WriteAsync(context.Request.Path);
    }
}
