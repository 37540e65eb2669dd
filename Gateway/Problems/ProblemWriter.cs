using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using SensorGrid.Gateway.Answers;

namespace SensorGrid.Gateway.Problems;

internal static class ProblemWriter
{
    public const string MediaType = "application/problem+json";

    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        if (problem.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
        await using var json = JsonAnswer.Start(context, MediaType);
        json.WriteStartObject();
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(problem.Status));
        json.WriteNumber("status", problem.Status);
        json.WriteString("detail", problem.Detail);
        if (problem.Parameter is not null)
        {
            json.WriteString("parameter", problem.Parameter);
        }
        if (problem.Allowed is not null)
        {
            json.WriteStartArray("allowed");
            foreach (var value in problem.Allowed)
            {
                json.WriteStringValue(value);
            }
            json.WriteEndArray();
        }
        if (problem.Report is not null)
        {
            WriteJson.Counts(json, problem.Report);
            WriteJson.Errors(json, problem.Report);
        }
        if (problem.RuleErrors is not null)
        {
            json.WriteStartArray("ruleErrors");
            foreach (var error in problem.RuleErrors)
            {
                json.WriteStartObject();
                json.WriteString("place", error.Path);
                json.WriteString("reason", error.Message);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (problem.RequestId is not null)
        {
            json.WriteString("requestId", problem.RequestId);
        }
        json.WriteEndObject();
    }
}
