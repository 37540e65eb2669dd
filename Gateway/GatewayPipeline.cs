using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Metrics;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway;

/// <summary>What every request passes: the guard before its route, the error answers and the metrics after it.</summary>
internal sealed partial class GatewayPipeline(LoopbackGuard guard, GatewayMeter meter, ILogger<GatewayPipeline> log)
{
    /// <summary>The status in the metrics of a request whose sender left, or took nothing of its answer: nginx's habit.</summary>
    public const int ClientLeft = 499;

    /// <summary>Among the items of a request that was HEAD.</summary>
    public static readonly object IsHead = new();

    /// <summary>Among the items of a request whose answer goes on for as long as the client likes.</summary>
    public static readonly object IsStream = new();

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var start = meter.Start();
        var status = 0;
        try
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            guard.Check(context.Request);
            if (HttpMethods.IsHead(context.Request.Method))
            {
                // Routed as GET; the server leaves the body out.
                context.Request.Method = HttpMethods.Get;
                context.Items[IsHead] = true;
            }
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            {
                await ProblemWriter.WriteAsync(context, Unserved(context));
            }
        }
        catch (Exception exception)
        {
            status = await AnswerAsync(context, exception);
        }
        finally
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
            // How long a client stays, or was there before it left, says nothing of the answers.
            var isMeasured = status != ClientLeft && !context.Items.ContainsKey(IsStream);
            meter.Answered(route, status > 0 ? status : context.Response.StatusCode, isMeasured ? start : 0);
        }
    }

    /// <returns>The status for the metrics.</returns>
    private async Task<int> AnswerAsync(HttpContext context, Exception exception)
    {
        if (exception is SlowClientException)
        {
            LogBrokenOff(context.TraceIdentifier, exception.Message);
            context.Abort();
            return ClientLeft;
        }
        if (context.RequestAborted.IsCancellationRequested)
        {
            LogClientLeft(context.TraceIdentifier);
            return ClientLeft;
        }
        var problem = ProblemOf(context, exception);
        // Damage is logged once by who found it, not by everybody who asks for it.
        if (problem.Status == StatusCodes.Status500InternalServerError && exception is not DamagedHistoryException)
        {
            LogFailed(exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        }
        if (context.Response.HasStarted || context.Response.BodyWriter.UnflushedBytes > 0)
        {
            // A part of the answer is out or on its way: only a broken connection tells the client that the rest is missing.
            LogBrokenOff(context.TraceIdentifier, exception.Message);
            context.Abort();
            return problem.Status;
        }
        await ProblemWriter.WriteAsync(context, problem);
        return problem.Status;
    }

    private static Problem ProblemOf(HttpContext context, Exception exception) => exception switch
    {
        RequestException request => request.Problem,
        GridBusyException busy => new(429, busy.Message) { RetryAfter = busy.RetryAfter },
        StoreUnavailableException store => new(503, store.Message) { RetryAfter = store.RetryAfter },
        DamagedHistoryException damaged => new(500, damaged.Message),
        BadHttpRequestException bad => new(bad.StatusCode, bad.Message),
        _ => new(500, "The request failed in a way that was not foreseen; the log has the reason under the request's id.")
        {
            RequestId = context.TraceIdentifier,
        },
    };

    private static Problem Unserved(HttpContext context) => context.Response.StatusCode switch
    {
        404 => new(404, $"There is nothing at {context.Request.Path}: GET / lists what there is."),
        405 => new(405, $"{context.Request.Path} does not serve this method.")
        {
            Allowed = context.Response.Headers.Allow.ToString().Split(", "),
        },
        var status => new(status, ReasonPhrases.GetReasonPhrase(status)),
    };
}
