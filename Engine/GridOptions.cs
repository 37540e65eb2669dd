using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;
using SensorGrid.Engine.Retention;

namespace SensorGrid.Engine;

/// <summary>The settings of a grid, whichever host runs it.</summary>
public sealed record GridOptions
{
    private static readonly TimeSpan LeastRetention = TimeSpan.FromHours(1);

    /// <summary>Slices of all machines. Fixed when a database is first used: it is part of what is stored.</summary>
    public int Partitions { get; init; } = 16;

    public WindowSizes Windows { get; init; } = WindowSizes.Default;

    public CatalogLimits Limits { get; init; } = new();

    public SealPolicy Seal { get; init; } = new();

    /// <summary>Windows of this size and larger are stored when they close; smaller ones are computed from the readings when asked for, which costs less than storing them.</summary>
    public TimeSpan StoredWindows { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes of request bodies accepted but not yet applied to the twins; past that writes wait, then are refused.</summary>
    public long InFlightBytes { get; init; } = 192L << 20;

    /// <summary>How long a write waits for room before it is refused.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of sealed history that may wait in memory for the next checkpoints; past that writes are refused.</summary>
    public long PendingHistoryBytes { get; init; } = 512L << 20;

    /// <summary>A partition that has changed is checkpointed at least so often.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A partition is checkpointed when its part of the log has grown by this much: it bounds what a restart after a crash has to replay.</summary>
    public long CheckpointLogBytes { get; init; } = 24L << 20;

    /// <summary>A reading older than its sensor's last one by more than this is late: a replay judges it together with what lies around it.</summary>
    public TimeSpan LateJudging { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Refused input kept, newest first.</summary>
    public int DeadLetters { get; init; } = 100_000;

    /// <summary>What is older is deleted; by default nothing is.</summary>
    public RetentionOptions Retention { get; init; } = new();

    internal ReplayLimits Replays { get; init; } = new();

    /// <exception cref="ArgumentException">A setting breaks its rule; the message names setting, value and rule.</exception>
    public void Validate()
    {
        Require(Partitions is >= 1 and <= 1024, nameof(Partitions), Partitions, "must be 1 to 1024");
        Require(Seal.Capacity is >= 8 and <= 4096, $"{nameof(Seal)}.{nameof(Seal.Capacity)}", Seal.Capacity, "must be 8 to 4096");
        Require(Seal.Keep >= 1 && Seal.Keep < Seal.Capacity, $"{nameof(Seal)}.{nameof(Seal.Keep)}", Seal.Keep, "must be 1 to less than the capacity");
        Require(Limits.Sensors > 0, $"{nameof(Limits)}.{nameof(Limits.Sensors)}", Limits.Sensors, "must be positive");
        Require(Limits.SensorsPerMachine > 0, $"{nameof(Limits)}.{nameof(Limits.SensorsPerMachine)}", Limits.SensorsPerMachine, "must be positive");
        Require(InFlightBytes >= 1 << 20, nameof(InFlightBytes), InFlightBytes, "must be at least 1 MiB");
        Require(PendingHistoryBytes >= 1 << 20, nameof(PendingHistoryBytes), PendingHistoryBytes, "must be at least 1 MiB");
        Require(StoredWindows >= TimeSpan.FromSeconds(1), nameof(StoredWindows), Duration.Format(StoredWindows), "must be at least 1s");
        Require(MaxWait <= TimeSpan.FromMinutes(1), nameof(MaxWait), Duration.Format(MaxWait), "must be at most 1m");
        Require(CheckpointInterval > TimeSpan.Zero, nameof(CheckpointInterval), Duration.Format(CheckpointInterval), "must be positive");
        Require(CheckpointLogBytes >= 1 << 16, nameof(CheckpointLogBytes), CheckpointLogBytes, "must be at least 64 KiB");
        Require(LateJudging >= TimeSpan.Zero, nameof(LateJudging), Duration.Format(LateJudging), "must not be negative");
        Require(DeadLetters > 0, nameof(DeadLetters), DeadLetters, "must be positive");
        RequireRetention(nameof(Retention.Readings), Retention.Readings);
        RequireRetention(nameof(Retention.Windows), Retention.Windows);
        RequireRetention(nameof(Retention.Flags), Retention.Flags);
        RequireRetention(nameof(Retention.DeadLetters), Retention.DeadLetters);
    }

    internal long LateJudgingTime => LateJudging.Ticks / (TimeSpan.TicksPerSecond / EventTime.Second);

    internal long StoredWindowSize => StoredWindows.Ticks / (TimeSpan.TicksPerSecond / EventTime.Second);

    private static void RequireRetention(string table, TimeSpan? kept) => Require(
        kept is null || kept >= LeastRetention, $"{nameof(Retention)}.{table}", Duration.Format(kept ?? default), $"must be at least {Duration.Format(LeastRetention)}");

    private static void Require(bool holds, string setting, object value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"{setting} is {value}: it {rule}");
        }
    }
}
