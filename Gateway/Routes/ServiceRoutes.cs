using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Metrics;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Routes;

/// <summary>What the program says about itself: the front page, health and metrics.</summary>
internal sealed class ServiceRoutes(IGrid grid, MetricStore metrics)
{
    private static readonly (string Name, string Path)[] Links =
    [
        ("factories", "/api/factories"),
        ("flags", "/api/flags"),
        ("live", "/api/live"),
        ("replays", "/api/replays"),
        ("deadLetters", "/api/dead-letters"),
        ("health", "/health/ready"),
        ("metrics", "/metrics"),
        ("openapi", "/openapi/v1.json"),
    ];

    public async Task GetRootAsync(HttpContext context)
    {
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString("name", "SensorGrid");
        json.WriteString("version", grid.Info.Version);
        json.WriteStartObject("links");
        foreach (var (name, path) in Links)
        {
            json.WriteString(name, path);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static Task GetLiveAsync(HttpContext context) => WriteStatusAsync(context, "live");

    public Task GetReadyAsync(HttpContext context)
    {
        var info = grid.Info;
        return info.IsReady ? WriteStatusAsync(context, "ready")
            : throw new RequestException(new Problem(503, info.NotReady ?? "The grid is not ready.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            });
    }

    public Task GetMetricsAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.MediaType;
        PrometheusText.Write(context.Response.BodyWriter, metrics.Collect());
        return Task.CompletedTask;
    }

    private static async Task WriteStatusAsync(HttpContext context, string status)
    {
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString("status", status);
        json.WriteEndObject();
    }
}
