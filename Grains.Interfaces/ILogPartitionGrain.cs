using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>
/// One partition of the log and the twins of its machines: the grain's silo appends to that part of the log, applies it, and checkpoints it. The key is the
/// partition's number. Answers hold all that was acknowledged before the question.
/// </summary>
public interface ILogPartitionGrain : IGrainWithIntegerKey
{
    /// <summary>Completes when the partition is recovered and takes writes.</summary>
    [ResponseTimeout("00:00:05")]
    Task EnsureAsync();

    /// <summary>Begins to move the partition to another silo.</summary>
    [ResponseTimeout("00:00:05")]
    Task MoveAsync(SiloAddress silo);

    /// <summary>Appends readings to the log; where the answer says so they are on disk and on their way to the twins.</summary>
    [ResponseTimeout("00:00:10")]
    Task<AppendAnswer> AppendAsync([Immutable] LogAppend append);

    /// <summary>The same for several partitions that live on the grain's silo, all or none. To be asked of a silo only whose tickets say where they come from.</summary>
    [ResponseTimeout("00:00:10")]
    Task<TogetherAnswer> AppendTogetherAsync([Immutable] PartitionAppend[] appends);

    /// <summary>What memory knows of sensors' readings in a span, microseconds since 1970, for each of the ids.</summary>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:10")]
    Task<SensorMemory[]> GetMemoryAsync([Immutable] int[] sensors, long from, long to);

    /// <summary>The flags that changed since the last checkpoint, as they are now.</summary>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:10")]
    Task<OwnedFlag[]> GetFlagsAsync();

    /// <summary>Whether memory has a flag: it is open, or Postgres does not have it as it is now.</summary>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:10")]
    Task<bool> HasFlagAsync(string flag);

    /// <summary>Changes the alarm of one of its flags; what is done is on disk.</summary>
    /// <exception cref="PartitionAwayException">The partition is on the move; nothing was changed.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer; asking again does no harm.</exception>
    [ResponseTimeout("00:00:10")]
    Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action);

    /// <summary>Tells an observer what happens here, from now on and for ten seconds; asked again, it goes on.</summary>
    /// <param name="interests">All that its silo is interested in; empty for nothing more.</param>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:05")]
    Task<LiveLease> WatchAsync(ILiveObserver observer, [Immutable] LiveInterest[] interests);

    /// <summary>The number of open flags by factory.</summary>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:10")]
    Task<Dictionary<string, int>> CountOpenFlagsAsync();

    /// <summary>The twin of a sensor by its id.</summary>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:10")]
    Task<SensorTwinState> GetSensorAsync(int sensor);

    /// <summary>The twins of a machine and its sensors.</summary>
    /// <param name="withRollUp">Whether its sensors' windows are pooled.</param>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:10")]
    Task<MachineTwinState> GetMachineAsync(string factory, string machine, bool withRollUp);

    /// <summary>For each replayed twin whether it is the live one, byte by byte; null where they cannot be compared.</summary>
    /// <exception cref="PartitionAwayException">The partition is on the move.</exception>
    [ResponseTimeout("00:00:10")]
    Task<bool?[]> CompareAsync([Immutable] ReplayedTwin[] replayed);
}
