using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Metrics;
using SensorGrid.Gateway.Parameters;

namespace SensorGrid.Gateway.Routes;

/// <summary>What happens, as server-sent events (WHATWG HTML, 9.2).</summary>
internal sealed class LiveRoutes(IGrid grid, GatewayOptions options, GatewayMeter meter, TimeProvider time, IHostApplicationLifetime host)
{
    public const string MediaType = "text/event-stream";

    /// <summary>Shorter than proxies wait for something to come.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private const int FlushAt = 32 * 1024;

    private static readonly MinDataRate LeastRate = new(240, TimeSpan.FromSeconds(5));

    private readonly SharedJson _twins = new();

    public async Task GetLiveAsync(HttpContext context)
    {
        var pattern = FlagRoutes.Pattern(new Query(context.Request));
        if (context.Items.ContainsKey(GatewayPipeline.IsHead))
        {
            Begin(context);
            return;
        }
        if (meter.CountStream(1) > options.MaxLiveStreams)
        {
            meter.CountStream(-1);
            throw new GridBusyException($"{options.MaxLiveStreams} live streams are open, which is as many as may at one time.", TimeSpan.FromSeconds(5));
        }
        var hasBegun = false;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        try
        {
            await using var feed = await grid.WatchAsync(pattern, ending.Token);
            Begin(context);
            context.Items[GatewayPipeline.IsStream] = true;
            hasBegun = true;
            await SendAsync(context, feed, ending.Token);
        }
        catch (OperationCanceledException) when (host.ApplicationStopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            if (!hasBegun)
            {
                throw new StoreUnavailableException("the server is stopping", TimeSpan.FromSeconds(1));
            }
            // The stream ends here; a client that is to go on comes back.
        }
        finally
        {
            if (meter.CountStream(-1) == 0)
            {
                _twins.Clear();
            }
        }
    }

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = MediaType;
        context.Response.Headers.CacheControl = "no-store";
        // Of nginx: pass on what comes as it comes.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // Who reads slowly is sent less.
            rate.MinDataRate = LeastRate;
        }
    }

    private async Task SendAsync(HttpContext context, ILiveFeed feed, CancellationToken ending)
    {
        var body = context.Response.BodyWriter;
        long id = 0;
        if (context.Request.Headers.ContainsKey("Last-Event-ID"))
        {
            // What happened since it was cut off is not kept.
            Write(body, ++id, new MissedUpdate());
        }
        else
        {
            Encoding.UTF8.GetBytes(": live\n\n", body);
        }
        await body.FlushAsync(ending);
        using var beats = new PeriodicTimer(Heartbeat, time);
        var beat = beats.WaitForNextTickAsync(ending).AsTask();
        while (true)
        {
            var next = feed.NextAsync(ending).AsTask();
            while (!next.IsCompleted && await Task.WhenAny(next, beat) == beat)
            {
                await beat;
                beat = beats.WaitForNextTickAsync(ending).AsTask();
                Encoding.UTF8.GetBytes(": beat\n\n", body);
                await body.FlushAsync(ending);
            }
            Write(body, ++id, await next);
            while (body.UnflushedBytes < FlushAt && feed.TryNext(out var more))
            {
                Write(body, ++id, more);
            }
            await body.FlushAsync(ending);
        }
    }

    private void Write(PipeWriter body, long id, LiveUpdate update)
    {
        var name = update switch
        {
            FlagUpdate => "flag",
            SensorUpdate => "sensor",
            _ => "missed",
        };
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {id}\ndata: "), body);
        switch (update)
        {
            case FlagUpdate { Flag: var flag }:
                using (var json = JsonAnswer.Start(body))
                {
                    TwinJson.WriteFlag(json, flag);
                }
                break;
            case SensorUpdate { Sensor: var sensor }:
                body.Write(_twins.Of(sensor));
                break;
            default:
                body.Write("{}"u8);
                break;
        }
        body.Write("\n\n"u8);
    }
}
