using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Answers;

/// <summary>JSON or CSV, as the Accept header prefers (RFC 9110, 12.5.1); JSON where it leaves the choice.</summary>
internal static class AnswerFormat
{
    public const string Csv = "text/csv";

    private static readonly MediaTypeHeaderValue JsonType = new(JsonAnswer.MediaType);

    private static readonly MediaTypeHeaderValue CsvType = new(Csv);

    /// <exception cref="RequestException">406: neither is accepted.</exception>
    public static bool WantsCsv(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        if (!MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted) || accepted.Count == 0)
        {
            return false;
        }
        var json = Weight(JsonType, accepted);
        var csv = Weight(CsvType, accepted);
        if (json > 0 || csv > 0)
        {
            return csv > json;
        }
        throw new RequestException(new Problem(406, "The Accept header allows neither JSON nor CSV.")
        {
            Parameter = "Accept",
            Allowed = [JsonAnswer.MediaType, Csv],
        });
    }

    // The most specific range that covers a type gives its weight.
    private static double Weight(MediaTypeHeaderValue type, IList<MediaTypeHeaderValue> accepted)
    {
        var weight = 0.0;
        var specific = -1;
        foreach (var range in accepted)
        {
            var rank = range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
            var covers = rank == 2 ? type.MediaType.Equals(range.MediaType, StringComparison.OrdinalIgnoreCase)
                : rank == 0 || type.Type.Equals(range.Type, StringComparison.OrdinalIgnoreCase);
            if (covers && rank > specific)
            {
                (weight, specific) = (range.Quality ?? 1, rank);
            }
        }
        return weight;
    }
}
