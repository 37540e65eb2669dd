using System.Reflection;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Engine.Checkpointing;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Replays;
using SensorGrid.Engine.Restating;
using SensorGrid.Engine.Retention;
using SensorGrid.Engine.Writing;
using SensorGrid.Historian;
using SensorGrid.Historian.Log;
using SensorGrid.Ingest;

namespace SensorGrid.Edge;

/// <summary>
/// The embedded host: every partition in one process, on one Postgres. <see cref="StartAsync"/> recovers what was there, <see cref="StopAsync"/> leaves
/// nothing to recover.
/// </summary>
public sealed partial class EdgeGrid : IGrid, IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopStorePatience = TimeSpan.FromSeconds(10);
    private static readonly string Version = typeof(EdgeGrid).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private readonly GridOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Database _database;
    private readonly SensorCatalog _catalog;
    private readonly ReadingsDecoder _decoder;
    private readonly TwinTable _twins;
    private readonly Partition[] _partitions;
    private readonly ByteBudget _inFlight;
    private readonly GridMetrics _metrics = new();
    private readonly History _history;
    private readonly DamagedHistory _damaged;
    private readonly PostgresLog _log;
    private readonly GroupCommitter _committer;
    private readonly StoreProbe _probe;
    private readonly RetentionSweeper _retention;
    private readonly SemaphoreSlim _storing = new(1);
    private readonly Restater _restater;
    private readonly LateJudge _lateJudge;
    private readonly TwinRepairer _repairer;
    private readonly GridReplays _replays;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoning = new();
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Checkpointer? _checkpointer;
    private Task _partitionLoops = Task.CompletedTask;
    private Task _committing = Task.CompletedTask;
    private Task _background = Task.CompletedTask;
    private bool _disposed;
    private volatile RuleSet _rules;
    private volatile string? _notReady = "the grid is starting";
    private volatile string? _storeTrouble;

    /// <param name="connectionString">Of a database whose schema is up to date.</param>
    /// <exception cref="ArgumentException">A setting breaks its rule.</exception>
    public EdgeGrid(string connectionString, GridOptions options, RuleSet rules, ILoggerFactory loggers, TimeProvider? time = null)
    {
        options.Validate();
        _options = options;
        _rules = rules;
        _time = time ?? TimeProvider.System;
        _logger = loggers.CreateLogger("SensorGrid.Edge");
        _database = new Database(connectionString);
        _catalog = new SensorCatalog(options.Partitions, options.Limits);
        _decoder = new ReadingsDecoder(_catalog);
        _twins = new TwinTable();
        _partitions = [.. Enumerable.Range(0, options.Partitions).Select(p => new Partition(p, _catalog, _twins, rules, options))];
        _inFlight = new ByteBudget(options.InFlightBytes, options.MaxWait, _time);
        _history = new History(_database, _partitions, options);
        _damaged = new DamagedHistory(_catalog, _metrics, _logger);
        _log = new PostgresLog(_database, options.Partitions, new PostgresLogOptions { DeadLetters = options.DeadLetters }, _time);
        _committer = new GroupCommitter(_log, _catalog, _partitions, _inFlight, _metrics, _time, _logger);
        _probe = new StoreProbe(_database, _time);
        _retention = new RetentionSweeper(_database, _catalog, _history, _damaged, options, _time, _logger);
        _restater = new Restater(_database, _catalog, _damaged, _partitions, options, _storing, () => _inFlight.Used > 0, _metrics, _time, _logger);
        _damaged.PutRight += _restater.Wake;
        _lateJudge = new LateJudge(
            _database, _catalog, _history, _damaged, _partitions, () => _rules, () => _inFlight.Used > 0, options, _storing, _metrics, _time, _logger);
        _repairer = new TwinRepairer(_catalog, _history, _damaged, _partitions, options, _time, _logger);
        _replays = new GridReplays(this, _database, _catalog, _damaged, _partitions, () => _rules, () => _inFlight.Used > 0, options, _time, _logger);
        _metrics.Observe(() => _inFlight.Used, () => PendingHistoryBytes, () => _catalog.Count, () => _partitions.Sum(p => p.PendingLate));
    }

    /// <summary>Completes, with the reason, when a part of the grid has failed for good and the process should end.</summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>Why the store is away, where its owner knows more than a failed connection tells; null where it does not.</summary>
    public string? StoreTrouble
    {
        get => _storeTrouble;
        set => _storeTrouble = value;
    }

    public GridInfo Info
    {
        get
        {
            var notReady = NotReady;
            return new GridInfo(
                Version, [.. Enumerable.Range(0, _options.Windows.Count).Select(l => _options.Windows[l])], notReady is null, notReady,
                _catalog.Factories.Count(), _catalog.Factories.Sum(f => f.MachineCount), _catalog.Count)
            {
                Retention = _retention.Start,
            };
        }
    }

    public IReplays Replays => _replays;

    private string? NotReady =>
        _notReady ?? ((_committer.Outage ?? _probe.Fault) is { } outage ? $"the store does not take data: {_storeTrouble ?? outage}" : null);

    private long PendingHistoryBytes => _partitions.Sum(p => p.PendingBytes);

    /// <summary>Recovers the twins from their snapshots and the log, then serves.</summary>
    /// <exception cref="InvalidDataException">The database was made with other settings.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var rebuilder = new TwinRebuilder(_database, _catalog, _options, _metrics, _damaged, _time, _logger);
        var recovery = new Recovery(_database, _log, _catalog, _twins, _partitions, rebuilder, _options, _logger, _time);
        var checkpoints = await recovery.RunAsync(cancellation).ConfigureAwait(false);
        await _retention.LoadAsync(cancellation).ConfigureAwait(false);
        await _restater.LoadAsync(cancellation).ConfigureAwait(false);
        _checkpointer = new Checkpointer(_database, _log, _partitions, checkpoints, _options, _metrics, _storing, _restater.Wake, _time, _logger);
        var now = EventTime.FromDateTime(_time.GetUtcNow());
        Array.ForEach(_partitions, p => p.GoLive(now));
        _partitionLoops = Watch(Task.WhenAll(_partitions.Select(p => Task.Run(p.RunAsync, CancellationToken.None))), "partitions");
        var saved = _catalog.Count;
        _committing = Watch(Task.Run(() => _committer.RunAsync(saved, _abandoning.Token), CancellationToken.None), "log");
        _background = Task.WhenAll(
            Begin(_checkpointer.RunAsync, "checkpoints"), Begin(JudgeSilenceAsync, "silence"), Begin(_probe.RunAsync, "store probe"),
            Begin(_retention.RunAsync, "retention"), Begin(_restater.RunAsync, "restating"), Begin(_repairer.RunAsync, "repair of twins"),
            Begin(_lateJudge.RunAsync, "judging of late readings"));
        _notReady = null;
    }

    /// <summary>
    /// Refuses new writes, finishes those under way, and checkpoints: the next start replays nothing. Where the store stays away for ten seconds its fault
    /// is thrown; nothing acknowledged is lost then, but the next start has a part of the log to replay.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_notReady is not null)
        {
            return;
        }
        _notReady = "the grid is stopping";
        await _replays.StopAsync().WaitAsync(cancellation).ConfigureAwait(false);
        _committer.Complete();
        await _committing.WaitAsync(cancellation).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _background.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _checkpointer!.WriteAllAsync(true, StopStorePatience, cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (var partition in _partitions)
            {
                partition.Complete();
            }
        }
        await _partitionLoops.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends at once what <see cref="StopAsync"/> did not end, and waits for that; what was acknowledged stays durable.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }
        _notReady = "the grid has stopped";
        _committer.Complete();
        await Task.WhenAll(_abandoning.CancelAsync(), _stopping.CancelAsync()).ConfigureAwait(false);
        await _replays.StopAsync().ConfigureAwait(false);
        await Task.WhenAll(_committing, _background).ConfigureAwait(false);
        foreach (var partition in _partitions)
        {
            partition.Complete();
        }
        await _partitionLoops.ConfigureAwait(false);
        foreach (var partition in _partitions)
        {
            partition.Dispose();
        }
        await _log.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
        _stopping.Dispose();
        _abandoning.Dispose();
    }

    /// <summary>Brings everything applied so far into the history and the snapshots, rather than when it is due.</summary>
    public Task CheckpointAsync(CancellationToken cancellation) => _checkpointer!.WriteAllAsync(false, Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>
    /// Merges what checkpoints have brought of late readings into the history, judges it and puts the twins right, rather than bit by bit beside other work.
    /// </summary>
    public async Task RestateAsync(CancellationToken cancellation)
    {
        await _restater.DrainAsync(cancellation).ConfigureAwait(false);
        await _lateJudge.JudgeAsync(false, cancellation).ConfigureAwait(false);
        await _repairer.RepairAsync(0, cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes what is older than it is to be kept, rather than when it is due; older readings are refused from the call before on.</summary>
    public Task SweepAsync(CancellationToken cancellation) => _retention.SweepAsync(cancellation);

    /// <summary>Puts other rules in force.</summary>
    public Task UseAsync(RuleSet rules)
    {
        _rules = rules;
        return Task.WhenAll(_partitions.Select(p => p.AskAsync(partition =>
        {
            partition.Use(rules);
            return true;
        })));
    }

    private async Task JudgeSilenceAsync(CancellationToken stopping)
    {
        const int Rounds = 5;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                var now = EventTime.FromDateTime(_time.GetUtcNow());
                await Task.WhenAll(_partitions.Select(p => p.AskAsync(partition =>
                {
                    partition.JudgeSilence(now, Rounds);
                    return true;
                }))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    // Works beside the rest until the grid stops.
    private Task Begin(Func<CancellationToken, Task> loop, string name) => Watch(Task.Run(() => loop(_stopping.Token), CancellationToken.None), name);

    private async Task Watch(Task loop, string name)
    {
        try
        {
            await loop.ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _notReady = $"{name} failed: {fault.Message}";
            LogFailed(fault, name);
            _failed.TrySetResult(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The loop of {Name} failed; the grid stops.")]
    private partial void LogFailed(Exception fault, string name);
}
