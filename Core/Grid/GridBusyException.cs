namespace SensorGrid.Core.Grid;

/// <summary>The grid has as much under way as it allows itself: send again after <see cref="RetryAfter"/>.</summary>
public sealed class GridBusyException(string message, TimeSpan retryAfter) : Exception(message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
