using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Tests;

/// <summary>A server on a free port that records what it is asked and answers as told.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(Func<Request, Answer> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(context => ServeAsync(context, answer));
    }

    public ConcurrentQueue<Request> Requests { get; } = new();

    public Uri Address => new(_app.Urls.First());

    public static async Task<TestServer> StartAsync(Func<Request, Answer> answer)
    {
        var server = new TestServer(answer);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Takes everything: a reading a line.</summary>
    public static Task<TestServer> StartAsync() => StartAsync(request => request.Path == "/write"
        ? new Answer(204, request.Text.Count(c => c == '\n').ToString(CultureInfo.InvariantCulture))
        : Answer.Accepted(request.Text.Count(c => c == '\n') - 1));

    public RemoteServer Connect() => new(Address);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext context, Func<Request, Answer> answer)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var query = context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString());
        var request = new Request(
            context.Request.Method, context.Request.Path, query, context.Request.ContentType, context.Request.Headers.Accept, body.ToArray());
        Requests.Enqueue(request);
        var told = answer(request);
        context.Response.StatusCode = told.Status;
        if (told.RetentionStart is not null)
        {
            context.Response.Headers["SensorGrid-Retention-Start"] = told.RetentionStart;
        }
        if (told.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        if (told.Status == 204)
        {
            context.Response.Headers["SensorGrid-Accepted"] = told.Body;
            return;
        }
        context.Response.ContentType = told.ContentType;
        await context.Response.WriteAsync(told.Body);
    }
}
