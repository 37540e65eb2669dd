namespace SensorGrid.Bench.Sending;

/// <param name="RetryAfter">Seconds; 0 where the server names none.</param>
/// <param name="Text">Headers and body as they came; empty for a success.</param>
internal readonly record struct WriteAnswer(int Status, int RetryAfter, string Text)
{
    public bool IsSuccess => Status is 200 or 204;

    /// <summary>The server asks to send the same again later.</summary>
    public bool IsBusy => Status is 429 or 503;
}
