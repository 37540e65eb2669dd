using System.Globalization;
using SensorGrid.Cli.Remote;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Querying;

/// <summary>The command query: asks, and writes the answer as it comes.</summary>
internal sealed class QueryRun(RemoteServer server, TextWriter output, TextWriter error)
{
    private const string RetentionStart = "SensorGrid-Retention-Start";

    private const string Csv = "text/csv";
    private const string Json = "application/json";

    /// <exception cref="CommandException">The server is not there, or does not know what is asked for.</exception>
    public async Task RunAsync(QueryRequest request, CancellationToken cancellation)
    {
        if (request.From is null && request.To is null)
        {
            request = await WithLastHourAsync(request, cancellation);
        }
        var target = Target(request);
        using var response = await server.GetAsync(target, request.Format == AnswerFormat.Json ? Json : Csv, cancellation);
        using var answer = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        var rows = request.Format switch
        {
            AnswerFormat.Table => await StatisticsTable.WriteAsync(answer, output, cancellation),
            AnswerFormat.Csv => await CopyAsync(answer, cancellation) - 1,
            _ => await CopyJsonAsync(answer, cancellation),
        };
        if (response.Headers.TryGetValues(RetentionStart, out var start))
        {
            await error.WriteLineAsync($"retention has cut what is older than {string.Join(' ', start)}");
        }
        if (rows == 0)
        {
            await error.WriteLineAsync($"nothing from {request.From ?? "an hour before"} to {request.To ?? "now"}");
        }
        else if (request.IsRaw && rows == request.Limit)
        {
            await error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{rows} readings, which is the limit: give a larger --limit or a shorter span for more"));
        }
    }

    // The last hour of what the twin has, so that old data shows without options.
    private async Task<QueryRequest> WithLastHourAsync(QueryRequest request, CancellationToken cancellation)
    {
        var list = request.Path.Sensor is not null ? "" : request.Path.Machine is not null ? "/sensors" : "/machines";
        using var response = await server.GetAsync(request.Twin + list, Json, cancellation);
        if (NewestTime.Of(await response.Content.ReadAsByteArrayAsync(cancellation)) is not { } newest)
        {
            return request;
        }
        // Spans do not contain their end.
        var to = EventTime.FromDateTime(newest) + 1;
        return request with { From = EventTime.Format(Math.Max(EventTime.Min, to - EventTime.Hour)), To = EventTime.Format(to) };
    }

    private static string Target(QueryRequest request)
    {
        var query = new List<string>();
        Add("from", request.From);
        Add("to", request.To);
        Add(request.IsRaw ? "limit" : "window", request.IsRaw ? request.Limit.ToString(CultureInfo.InvariantCulture) : request.Window);
        return $"{request.Twin}/{(request.IsRaw ? "readings" : "stats")}{(query.Count > 0 ? "?" : "")}{string.Join('&', query)}";

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }
    }

    private async Task<int?> CopyJsonAsync(StreamReader answer, CancellationToken cancellation)
    {
        await CopyAsync(answer, cancellation);
        await output.WriteLineAsync();
        return null;
    }

    /// <returns>Lines.</returns>
    private async Task<int> CopyAsync(StreamReader answer, CancellationToken cancellation)
    {
        var buffer = new char[32 * 1024];
        var lines = 0;
        while (await answer.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            lines += buffer.AsSpan(0, read).Count('\n');
            await output.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        return lines;
    }
}
