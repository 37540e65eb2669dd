using System.Text.Json;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Parameters;

/// <summary>The JSON that asks for a replay.</summary>
internal static class ReplayBody
{
    private static readonly string[] Members = ["path", "from", "to", "window", "rules"];

    // A rules file may have comments and trailing commas, and may be put into the body as it is.
    private static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <exception cref="RequestException">400: it is no such JSON; `parameter` names the member that is wrong.</exception>
    public static ReplayRequest Parse(ReadOnlyMemory<byte> body, IReadOnlyList<long> windowSizes, long now)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            return Read(document.RootElement, windowSizes, now);
        }
        catch (JsonException malformed)
        {
            throw new RequestException(new Problem(400, $"The body is no JSON: {malformed.Message}"));
        }
    }

    private static ReplayRequest Read(JsonElement body, IReadOnlyList<long> windowSizes, long now)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new RequestException(new Problem(400, "The body must be a JSON object with path, from and to."));
        }
        foreach (var member in body.EnumerateObject())
        {
            if (!Members.Contains(member.Name))
            {
                throw RequestException.BadParameter(member.Name, $"{member.Name} is none of the members of a replay.", Members);
            }
        }
        var path = Text(body, "path") ?? throw Missing("path");
        if (PathPattern.ParsePrefix(path) is null)
        {
            throw RequestException.BadParameter(
                "path", $"path is '{path}': it must be factory, factory/machine or factory/machine/sensor, * for any characters of a part.");
        }
        var from = Time(body, "from", now);
        var to = Time(body, "to", now);
        if (from >= to)
        {
            throw RequestException.BadParameter("from", "from is not before to: the span is empty.");
        }
        long? window = Text(body, "window") is { } size ? Query.ParseWindow(size, windowSizes) : null;
        return new ReplayRequest(path, from, to, window, Rules(body));
    }

    private static ReadOnlyMemory<byte>? Rules(JsonElement body) =>
        body.TryGetProperty("rules", out var rules) && rules.ValueKind != JsonValueKind.Null
            // Without the type, null would be an array and then empty rules.
            ? (ReadOnlyMemory<byte>?)System.Text.Encoding.UTF8.GetBytes(rules.GetRawText())
            : null;

    private static long Time(JsonElement body, string name, long now)
    {
        var text = Text(body, name) ?? throw Missing(name);
        return Math.Clamp(Query.ParseTime(name, text, now), EventTime.Min, EventTime.Max);
    }

    private static string? Text(JsonElement body, string name) =>
        !body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw RequestException.BadParameter(name, $"{name} must be a string.");

    private static RequestException Missing(string name) => RequestException.BadParameter(name, $"{name} is missing.");
}
