using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;

namespace SensorGrid.Core.Grid;

/// <summary>
/// The grid as its users see it, whichever host runs it. Every member may be called from any thread. Times are microseconds since
/// 1970-01-01 UTC; spans contain their beginning and not their end. What a completed write accepted, every later call sees. Whatever reads
/// the history throws <see cref="GridBusyException"/> where as many such queries as may at one time are running.
/// </summary>
public interface IGrid
{
    GridInfo Info { get; }

    IReplays Replays { get; }

    /// <summary>
    /// Decodes a body and makes its readings durable: when the task completes they are in the log on disk. What is wrong in it goes to the
    /// dead letters; the rest is kept. The body must stay unchanged until then.
    /// </summary>
    /// <exception cref="GridBusyException">Too much is under way; nothing of the body was kept.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer; the write may be repeated as a whole.</exception>
    Task<WriteReport> WriteAsync(ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancellation);

    /// <summary>Whether there is such a factory, machine or sensor, as far as the call before has found out. Costs a look-up.</summary>
    bool Knows(GridPath path);

    Task<IReadOnlyList<FactorySummary>> ListFactoriesAsync(CancellationToken cancellation);

    /// <summary>The machines of a factory by name; null where the factory is unknown.</summary>
    Task<IReadOnlyList<MachineSummary>?> ListMachinesAsync(string factory, CancellationToken cancellation);

    /// <summary>The sensors of a machine by name; null where the machine is unknown.</summary>
    Task<IReadOnlyList<SensorSummary>?> ListSensorsAsync(string factory, string machine, CancellationToken cancellation);

    /// <summary>Null where the factory is unknown.</summary>
    Task<FactoryView?> GetFactoryAsync(string factory, CancellationToken cancellation);

    /// <summary>Null where the machine is unknown.</summary>
    Task<MachineView?> GetMachineAsync(string factory, string machine, CancellationToken cancellation);

    /// <summary>Null where the sensor is unknown.</summary>
    Task<SensorView?> GetSensorAsync(string factory, string machine, string sensor, CancellationToken cancellation);

    /// <summary>
    /// The windows of one size that overlap a span, oldest first; those without readings are left out. For a sensor one series; for a machine or a factory
    /// (the rest of <paramref name="path"/> null) one series a kind, its sensors pooled. Null where the path is unknown.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    /// <exception cref="DamagedHistoryException">A part of the history that it takes is damaged.</exception>
    /// <exception cref="ArgumentException">The size is none of <see cref="GridInfo.WindowSizes"/>.</exception>
    Task<IReadOnlyList<StatisticsSeries>?> GetStatisticsAsync(GridPath path, long from, long to, long windowSize, CancellationToken cancellation);

    /// <summary>
    /// The readings of a sensor in a span, in time order, in chunks that are valid until the next one is asked for. Null where the sensor is unknown.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store does not answer (also while enumerating).</exception>
    /// <exception cref="DamagedHistoryException">A part of the span is damaged (while enumerating; before the first chunk where that is known already).</exception>
    Task<IAsyncEnumerable<ReadOnlyMemory<Reading>>?> GetReadingsAsync(GridPath sensor, long from, long to, CancellationToken cancellation);

    /// <summary>Flags that overlap a span, newest beginning first.</summary>
    Task<IReadOnlyList<Flag>> GetFlagsAsync(FlagQuery query, CancellationToken cancellation);

    /// <summary>Acknowledges, shelves or clears a flag. What is done is on disk when the task completes, and every later answer shows it.</summary>
    /// <param name="flag">Its id.</param>
    /// <exception cref="StoreUnavailableException">The store does not answer; asking again does no harm.</exception>
    Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action, CancellationToken cancellation);

    /// <summary>Begins to tell what happens: from completion on no change of a flag is left out.</summary>
    /// <param name="path">As in <see cref="FlagQuery"/>.</param>
    /// <exception cref="ArgumentException">The path is no pattern.</exception>
    /// <exception cref="StoreUnavailableException">The grid is starting or stopping.</exception>
    Task<ILiveFeed> WatchAsync(string? path, CancellationToken cancellation);

    /// <summary>Refused input, newest first.</summary>
    Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int limit, CancellationToken cancellation);
}
