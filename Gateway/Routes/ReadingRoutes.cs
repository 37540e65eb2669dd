using System.Text;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Parameters;

namespace SensorGrid.Gateway.Routes;

/// <summary>The readings of a sensor, streamed in chunks, so that an answer of any length takes the memory of one chunk.</summary>
internal sealed class ReadingRoutes(IGrid grid, GatewayOptions options, TimeProvider time)
{
    private const int ChunkBytes = 32 * 1024;

    public async Task GetReadingsAsync(HttpContext context)
    {
        var cancellation = context.RequestAborted;
        var path = RequestPath.Of(context);
        var query = new Query(context.Request);
        var (from, to) = query.Span(EventTime.FromDateTime(time.GetUtcNow()));
        var limit = query.Integer("limit", options.DefaultReadings, 1, options.MaxReadings);
        var isCsv = AnswerFormat.WantsCsv(context);
        var readings = await grid.GetReadingsAsync(path, from, to, cancellation)
            ?? throw RequestPath.Unknown(grid, path);
        await using var chunks = readings.GetAsyncEnumerator(cancellation);
        // The first chunk comes before the answer begins: a store that does not answer is still a 503.
        var hasChunk = await chunks.MoveNextAsync();
        RetentionHeader.Write(context, from, grid.Info.Retention.Readings);
        context.Response.ContentType = isCsv ? AnswerFormat.Csv : JsonAnswer.MediaType;
        WriteText(context, isCsv ? "time,value,quality\n" : $$"""{"path":"{{path}}","rows":[""");
        var rows = new ReadingRows(isCsv);
        while (hasChunk && limit > 0)
        {
            var chunk = chunks.Current;
            var count = Math.Min(limit, chunk.Length);
            await WriteRowsAsync(context, rows, chunk[..count]);
            limit -= count;
            hasChunk = count < chunk.Length || await chunks.MoveNextAsync();
        }
        var isTruncated = limit == 0 && await HasMoreAsync(chunks, hasChunk);
        if (!isCsv)
        {
            WriteText(context, isTruncated ? "],\"truncated\":true}" : "]}");
        }
    }

    // With the limit reached, the current chunk is either one that has not been looked at yet or one with readings left over.
    private static async ValueTask<bool> HasMoreAsync(IAsyncEnumerator<ReadOnlyMemory<Reading>> chunks, bool hasChunk)
    {
        while (hasChunk && chunks.Current.IsEmpty)
        {
            hasChunk = await chunks.MoveNextAsync();
        }
        return hasChunk;
    }

    private static async ValueTask WriteRowsAsync(HttpContext context, ReadingRows rows, ReadOnlyMemory<Reading> readings)
    {
        var body = context.Response.BodyWriter;
        while (!readings.IsEmpty)
        {
            body.Advance(rows.Fill(body.GetSpan(ChunkBytes), readings.Span, out var taken));
            readings = readings[taken..];
            if (body.UnflushedBytes >= ChunkBytes - ReadingRows.MaxLength)
            {
                await context.SendAsync();
            }
        }
    }

    private static void WriteText(HttpContext context, string text) => Encoding.UTF8.GetBytes(text, context.Response.BodyWriter);
}
