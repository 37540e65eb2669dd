namespace SensorGrid.Engine.Retention;

/// <summary>How long each table keeps what it holds, back from the wall clock; null for ever.</summary>
public sealed record RetentionOptions
{
    /// <summary>Of readings, by their time.</summary>
    public TimeSpan? Readings { get; init; }

    /// <summary>Of stored windows, by their end.</summary>
    public TimeSpan? Windows { get; init; }

    /// <summary>Of closed flags, by their end; open ones stay.</summary>
    public TimeSpan? Flags { get; init; }

    /// <summary>Of refused input, by its arrival.</summary>
    public TimeSpan? DeadLetters { get; init; }
}
