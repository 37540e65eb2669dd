using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Bodies;
using SensorGrid.Gateway.Parameters;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Routes;

/// <summary>Readings in: POST /write, /api/v2/write and /api/readings.</summary>
internal sealed class WriteRoutes(IGrid grid, BodyReader bodies)
{
    public static readonly string[] MediaTypes = [JsonAnswer.MediaType, "application/x-ndjson", AnswerFormat.Csv];

    private static readonly string[] CsvParameters = ["sensor", "start", "step", "firstRow", "timeColumn"];

    public async Task WriteLinesAsync(HttpContext context)
    {
        var query = new Query(context.Request);
        var report = await WriteAsync(context, Options(context, query, InputFormat.LineProtocol));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        // The counts that a 204 has no body for.
        context.Response.Headers["SensorGrid-Accepted"] = report.Accepted.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["SensorGrid-Skipped"] = report.Skipped.ToString(CultureInfo.InvariantCulture);
    }

    public async Task WriteReadingsAsync(HttpContext context)
    {
        var query = new Query(context.Request);
        var format = Format(context.Request);
        var options = Options(context, query, format);
        if (format == InputFormat.Csv)
        {
            options = WithCsv(options, query);
        }
        else if (Array.Find(CsvParameters, name => query.Text(name) is not null) is { } name)
        {
            throw RequestException.BadParameter(name, $"{name} goes with text/csv only.");
        }
        var report = await WriteAsync(context, options);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        WriteJson.Counts(json, report);
        json.WriteEndObject();
    }

    private async Task<WriteReport> WriteAsync(HttpContext context, WriteOptions options)
    {
        using var body = await bodies.ReadAsync(context);
        var report = await grid.WriteAsync(body.Bytes, options, context.RequestAborted);
        if (report.Rejected == 0)
        {
            return report;
        }
        var detail = $"{report.Rejected} of the body's entries were refused; the others ({report.Accepted} readings) are kept.";
        throw new RequestException(new Problem(400, detail) { Report = report });
    }

    private static WriteOptions Options(HttpContext context, Query query, InputFormat format) => new(format)
    {
        Precision = query.Precision(),
        Factory = query.PathPartOrNull("factory"),
        Machine = query.PathPartOrNull("machine"),
        Source = context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
    };

    private static WriteOptions WithCsv(WriteOptions options, Query query)
    {
        var start = query.AbsoluteTimeOrNull("start");
        var step = query.DurationOrNull("step");
        if (start is null != step is null)
        {
            var missing = start is null ? "start" : "step";
            throw RequestException.BadParameter(missing, $"{missing} is missing: start and step go together.");
        }
        return options with
        {
            Sensor = query.PathPartOrNull("sensor"),
            Start = start,
            Step = step,
            FirstRow = query.Integer("firstRow", 0, 0, int.MaxValue),
            TimeColumn = query.Text("timeColumn"),
        };
    }

    private static InputFormat Format(HttpRequest request)
    {
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && IsUtf8(type))
        {
            var index = Array.FindIndex(MediaTypes, known => type.MediaType.Equals(known, StringComparison.OrdinalIgnoreCase));
            if (index >= 0)
            {
                return MediaTypes[index] == AnswerFormat.Csv ? InputFormat.Csv : InputFormat.Json;
            }
        }
        var detail = $"The Content-Type is '{request.ContentType}', which is none of those allowed, in UTF-8.";
        throw new RequestException(new Problem(415, detail)
        {
            Parameter = "Content-Type",
            Allowed = MediaTypes,
        });
    }

    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue
        || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)
        || HeaderUtilities.RemoveQuotes(type.Charset).Equals("us-ascii", StringComparison.OrdinalIgnoreCase);
}
