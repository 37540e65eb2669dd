using System.Text.Json;

namespace SensorGrid.Cli.Remote;

/// <summary>The JSON that answers a write, or a refusal as problem details (RFC 9457).</summary>
internal sealed record ServerAnswer(
    string? Detail,
    string? Parameter,
    IReadOnlyList<string>? Allowed,
    long? Accepted,
    long? Skipped,
    long? Rejected,
    IReadOnlyList<WriteError>? Errors)
{
    public WriteAnswer? Counts => Accepted is { } accepted ? new WriteAnswer(accepted, Skipped ?? 0, Rejected ?? 0, Errors ?? []) : null;

    /// <summary>Null where the answer is no JSON object.</summary>
    public static async Task<ServerAnswer?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(body, ServerAnswerJson.Default.ServerAnswer, cancellation);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>One line for people.</summary>
    public static string Describe(ServerAnswer? answer, HttpResponseMessage response)
    {
        var text = answer?.Detail?.TrimEnd('.') ?? $"the server answered {(int)response.StatusCode} {response.ReasonPhrase}";
        return answer?.Allowed is { Count: > 0 } allowed ? $"{text} (allowed: {string.Join(", ", allowed)})" : text;
    }
}
