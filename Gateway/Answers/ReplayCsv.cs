using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;

namespace SensorGrid.Gateway.Answers;

/// <summary>A replay's flags as CSV (RFC 4180, lines ending in LF); what is missing is empty.</summary>
internal static class ReplayCsv
{
    private const string Header = "outcome,path,detector,severity,from,to,score,live_severity,live_from,live_to,live_score,live_backfilled\n";
    private const int FlushBytes = 32 * 1024;

    public static async Task WriteFlagsAsync(HttpContext context, IReadOnlyList<ComparedFlag> flags)
    {
        context.Response.ContentType = AnswerFormat.Csv;
        var body = context.Response.BodyWriter;
        Encoding.UTF8.GetBytes(Header, body);
        var line = new StringBuilder();
        foreach (var flag in flags)
        {
            line.Clear().Append(Words.Outcomes[(int)flag.Outcome]).Append(',').Append(flag.Flag.Path).Append(',').Append(flag.Flag.Detector);
            Append(line, flag.Replayed);
            Append(line, flag.Live);
            line.Append(',').Append(flag.Live is { } live ? live.Backfilled ? "true" : "false" : "");
            Encoding.UTF8.GetBytes(line.Append('\n').ToString(), body);
            if (body.UnflushedBytes > FlushBytes)
            {
                await context.SendAsync();
            }
        }
    }

    private static void Append(StringBuilder line, Flag? flag)
    {
        if (flag is null)
        {
            line.Append(",,,,");
            return;
        }
        line.Append(',').Append(Words.Severities[(int)flag.Severity]).Append(',').Append(EventTime.Format(flag.From)).Append(',')
            .Append(flag.To is { } to ? EventTime.Format(to) : "").Append(',').Append(CultureInfo.InvariantCulture, $"{flag.Score}");
    }
}
