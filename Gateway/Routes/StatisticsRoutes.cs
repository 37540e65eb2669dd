using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Parameters;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Routes;

/// <summary>Window statistics of a sensor, or of a machine's or factory's sensors pooled by kind.</summary>
internal sealed class StatisticsRoutes(IGrid grid, GatewayOptions options, TimeProvider time)
{
    public async Task GetStatisticsAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        var query = new Query(context.Request);
        var (from, to) = query.Span(EventTime.FromDateTime(time.GetUtcNow()));
        var window = query.Window(grid.Info.WindowSizes);
        RequireBounded(from, to, window);
        var isCsv = AnswerFormat.WantsCsv(context);
        var series = await grid.GetStatisticsAsync(path, from, to, window, context.RequestAborted)
            ?? throw RequestPath.Unknown(grid, path);
        RetentionHeader.Write(context, from, grid.Info.Retention.Windows(window));
        var isSensor = path.Sensor is not null;
        await (isCsv ? StatisticsCsv.WriteAsync(context, series, withKind: !isSensor) : WriteJsonAsync(context, path, window, series));
    }

    private static async Task WriteJsonAsync(HttpContext context, GridPath path, long window, IReadOnlyList<StatisticsSeries> series)
    {
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Path, path.ToString());
        json.WriteString(Names.Window, Duration.Format(window));
        if (path.Sensor is not null)
        {
            await WriteRowsAsync(context, json, series.Count > 0 ? series[0].Rows : []);
        }
        else
        {
            json.WriteStartArray(Names.Kinds);
            foreach (var kind in series)
            {
                json.WriteStartObject();
                json.WriteString(Names.Kind, kind.Kind);
                json.WriteNumber(Names.Sensors, kind.Sensors);
                await WriteRowsAsync(context, json, kind.Rows);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static async Task WriteRowsAsync(HttpContext context, Utf8JsonWriter json, IReadOnlyList<WindowView> rows)
    {
        json.WriteStartArray(Names.Rows);
        foreach (var row in rows)
        {
            TwinJson.WriteWindow(json, row);
            await json.FlushWhenLargeAsync(context);
        }
        json.WriteEndArray();
    }

    private void RequireBounded(long from, long to, long window)
    {
        var windows = (to - from) / window;
        if (windows > options.MaxWindows)
        {
            throw RequestException.BadParameter(
                "window",
                $"The span holds {windows} windows of {Duration.Format(window)}, at most {options.MaxWindows} are allowed.");
        }
    }
}
