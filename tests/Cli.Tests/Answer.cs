namespace SensorGrid.Cli.Tests;

/// <summary>What a test server says.</summary>
internal sealed record Answer(int Status, string Body = "", string ContentType = "application/json", int? RetryAfter = null, string? RetentionStart = null)
{
    public static Answer Problem(int status, string detail, int? retryAfter = null) =>
        new(status, $$"""{"status":{{status}},"detail":"{{detail}}"}""", "application/problem+json", retryAfter);

    public static Answer Accepted(long count) => new(200, $$"""{"accepted":{{count}},"skipped":0,"rejected":0}""");
}
