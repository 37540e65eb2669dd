namespace SensorGrid.Core.Grid;

/// <summary>The store does not answer or refuses to write. The host keeps trying to reach it; callers try again after <see cref="RetryAfter"/>.</summary>
public sealed class StoreUnavailableException(string message, TimeSpan retryAfter, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
