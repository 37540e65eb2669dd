namespace SensorGrid.Historian.Log;

public sealed record PostgresLogOptions
{
    /// <summary>A log table that has grown to this size is followed by a new one; a table is dropped whole once every partition's checkpoint has passed it.</summary>
    public long GenerationBytes { get; init; } = 128L << 20;

    /// <summary>How long a table stays after that, for plain SQL that began before: it has found the table and would fail without it.</summary>
    public TimeSpan KeepPassed { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The tables are looked through at most so often.</summary>
    public TimeSpan TrimInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether other programs write other partitions at the same time; else this one keeps all others out.</summary>
    public bool IsShared { get; init; }

    /// <summary>Refused input kept, the newest.</summary>
    public int DeadLetters { get; init; } = 100_000;
}
