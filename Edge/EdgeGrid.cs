using Microsoft.Extensions.Logging;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Engine.Live;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Replays;
using SensorGrid.Engine.Writing;

namespace SensorGrid.Edge;

/// <summary>
/// The embedded host: every partition in one process, on one Postgres. <see cref="StartAsync"/> recovers what was there, <see cref="StopAsync"/> leaves
/// nothing to recover.
/// </summary>
public sealed class EdgeGrid : IGrid, IAsyncDisposable
{
    private static readonly TimeSpan StopStorePatience = TimeSpan.FromSeconds(10);

    private readonly GridEngine _engine;
    private readonly GridReads _reads;
    private readonly GridAlarms _alarms;
    private readonly LocalLive _live;
    private readonly WriteDecoder _decoder;
    private readonly GridReplays _replays;
    private readonly TimeProvider _time;
    private bool _isServing;

    /// <param name="connectionString">Of a database whose schema is up to date.</param>
    /// <exception cref="ArgumentException">A setting breaks its rule.</exception>
    public EdgeGrid(string connectionString, GridOptions options, RuleSet rules, ILoggerFactory loggers, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _engine = new GridEngine(connectionString, options, new EngineRole(false, Environment.MachineName), rules, loggers, _time);
        _reads = new GridReads(_engine);
        _live = new LocalLive(_engine);
        _alarms = new GridAlarms(_engine, static _ => Task.CompletedTask, _engine.ChangeAlarmAsync);
        _decoder = new WriteDecoder(_engine, _time);
        _replays = new GridReplays(this, _engine, _time, loggers.CreateLogger("SensorGrid.Edge"));
    }

    /// <inheritdoc cref="GridEngine.Failed"/>
    public Task<Exception> Failed => _engine.Failed;

    internal GridEngine Engine => _engine;

    /// <summary>Why the store is away, where its owner knows more than a failed connection tells; null where it does not.</summary>
    public string? StoreTrouble
    {
        get => _engine.StoreTrouble;
        set => _engine.StoreTrouble = value;
    }

    public GridInfo Info => _reads.Info;

    public IReplays Replays => _replays;

    /// <summary>Recovers the twins from their snapshots and the log, then serves.</summary>
    /// <exception cref="InvalidDataException">The database was made with other settings, or does not wait for its disk.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _engine.StartAsync(cancellation).ConfigureAwait(false);
        await _engine.TakeAsync([.. Enumerable.Range(0, _engine.Options.Partitions)], cancellation).ConfigureAwait(false);
        _engine.Open();
        _isServing = true;
    }

    /// <summary>
    /// Refuses new writes, finishes those under way, and checkpoints: the next start replays nothing. Where the store stays away for ten seconds its fault
    /// is thrown; nothing acknowledged is lost then, but the next start has a part of the log to replay.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (!_isServing || _engine.Failed.IsCompleted)
        {
            return;
        }
        _isServing = false;
        _engine.Close("the grid is stopping");
        await _replays.StopAsync().WaitAsync(cancellation).ConfigureAwait(false);
        await _engine.QuiesceAsync(cancellation).ConfigureAwait(false);
        await _engine.EndAsync(StopStorePatience, cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends at once what <see cref="StopAsync"/> did not end, and waits for that; what was acknowledged stays durable.</summary>
    public async ValueTask DisposeAsync()
    {
        _engine.Close("the grid has stopped");
        await _replays.StopAsync().ConfigureAwait(false);
        await _engine.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc cref="GridEngine.CheckpointAsync"/>
    public Task CheckpointAsync(CancellationToken cancellation) => _engine.CheckpointAsync(cancellation);

    /// <inheritdoc cref="GridEngine.RestateAsync"/>
    public Task RestateAsync(CancellationToken cancellation) => _engine.RestateAsync(cancellation);

    /// <summary>Deletes what is older than it is to be kept, rather than when it is due; older readings are refused from the call before on.</summary>
    public Task SweepAsync(CancellationToken cancellation) => _engine.Retention.SweepAsync(cancellation);

    /// <summary>Puts other rules in force.</summary>
    public Task UseAsync(RuleSet rules) => _engine.UseAsync(rules);

    public async Task<WriteReport> WriteAsync(ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancellation)
    {
        var decoded = await _decoder.DecodeAsync(body, options, cancellation).ConfigureAwait(false);
        var held = decoded.InFlight;
        try
        {
            return await _engine.FinishAsync(decoded, () =>
            {
                var write = PendingWrite.Encode(decoded.Batch, []);
                // Its room goes with it.
                _engine.Submit(write, held);
                held = 0;
                return write.Durable;
            }).ConfigureAwait(false);
        }
        finally
        {
            _engine.InFlight.Return(held);
        }
    }

    public bool Knows(GridPath path) => _reads.Knows(path);

    public Task<IReadOnlyList<FactorySummary>> ListFactoriesAsync(CancellationToken cancellation) => _reads.ListFactoriesAsync(cancellation);

    public Task<IReadOnlyList<MachineSummary>?> ListMachinesAsync(string factory, CancellationToken cancellation) =>
        _reads.ListMachinesAsync(factory, cancellation);

    public Task<IReadOnlyList<SensorSummary>?> ListSensorsAsync(string factory, string machine, CancellationToken cancellation) =>
        _reads.ListSensorsAsync(factory, machine, cancellation);

    public Task<FactoryView?> GetFactoryAsync(string factory, CancellationToken cancellation) => _reads.GetFactoryAsync(factory, cancellation);

    public Task<MachineView?> GetMachineAsync(string factory, string machine, CancellationToken cancellation) =>
        _reads.GetMachineAsync(factory, machine, cancellation);

    public Task<SensorView?> GetSensorAsync(string factory, string machine, string sensor, CancellationToken cancellation) =>
        _reads.GetSensorAsync(factory, machine, sensor, cancellation);

    public Task<IReadOnlyList<StatisticsSeries>?> GetStatisticsAsync(
        GridPath path, long from, long to, long windowSize, CancellationToken cancellation) =>
        _reads.GetStatisticsAsync(path, from, to, windowSize, cancellation);

    public Task<IAsyncEnumerable<ReadOnlyMemory<Reading>>?> GetReadingsAsync(GridPath sensor, long from, long to, CancellationToken cancellation) =>
        _reads.GetReadingsAsync(sensor, from, to, cancellation);

    public Task<IReadOnlyList<Flag>> GetFlagsAsync(FlagQuery query, CancellationToken cancellation) => _reads.GetFlagsAsync(query, cancellation);

    public Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action, CancellationToken cancellation) =>
        _alarms.ChangeAsync(flag, action, cancellation);

    public Task<ILiveFeed> WatchAsync(string? path, CancellationToken cancellation) => _live.WatchAsync(path);

    public Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int limit, CancellationToken cancellation) =>
        _reads.GetDeadLettersAsync(limit, cancellation);
}
