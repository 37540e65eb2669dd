using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Answers;

/// <summary>Window statistics as CSV (RFC 4180, lines ending in LF); what is missing is empty.</summary>
internal static class StatisticsCsv
{
    public const string Header = "start,count,good_count,sum,mean,min,max,stddev,first,last,time_weighted_mean,p50,p95,p99\n";

    private const int FlushRows = 256;

    /// <param name="withKind">Whether a first column names the kind.</param>
    public static Task WriteAsync(HttpContext context, IReadOnlyList<StatisticsSeries> series, bool withKind) =>
        WriteAsync(context, series.Select(one => (one.Kind, one.Rows)), withKind ? "kind," : "");

    /// <param name="column">The first column with its comma, which names the series; empty for none.</param>
    public static async Task WriteAsync(HttpContext context, IEnumerable<(string Name, IReadOnlyList<WindowView> Rows)> series, string column)
    {
        context.Response.ContentType = AnswerFormat.Csv;
        var body = context.Response.BodyWriter;
        var text = new StringBuilder(column).Append(Header);
        foreach (var one in series)
        {
            var name = column.Length > 0 ? Quote(one.Name) + "," : "";
            for (var i = 0; i < one.Rows.Count; i++)
            {
                Append(text.Append(name), one.Rows[i]);
                if ((i + 1) % FlushRows == 0)
                {
                    Write(body, text);
                    await context.SendAsync();
                }
            }
        }
        Write(body, text);
    }

    private static void Append(StringBuilder text, WindowView row)
    {
        text.Append(EventTime.Format(row.Start)).Append(',').Append(row.Count).Append(',').Append(row.GoodCount);
        ReadOnlySpan<double?> numbers =
        [
            row.Sum, row.Mean, row.Min, row.Max, row.StandardDeviation, row.First, row.Last, row.TimeWeightedMean,
            row.P50, row.P95, row.P99,
        ];
        foreach (var number in numbers)
        {
            text.Append(',');
            if (number is { } known && double.IsFinite(known))
            {
                text.Append(CultureInfo.InvariantCulture, $"{known}");
            }
        }
        text.Append('\n');
    }

    private static void Write(IBufferWriter<byte> body, StringBuilder text)
    {
        foreach (var chunk in text.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, body);
        }
        text.Clear();
    }

    private static string Quote(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
