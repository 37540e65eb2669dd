using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Checkpointing;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Restating;
using SensorGrid.Engine.Retention;
using SensorGrid.Engine.Writing;
using SensorGrid.Historian;
using SensorGrid.Historian.Log;

namespace SensorGrid.Engine;

/// <summary>
/// What a host runs for the partitions that it holds: their twins, their part of the log, checkpoints, restating, judging of late readings, retention. The
/// embedded host takes all partitions; a silo takes those that it is given and gives them up again.
/// </summary>
internal sealed partial class GridEngine : IAsyncDisposable
{
    /// <summary>Of one under way.</summary>
    private const int ReadingBytes = 21;

    private const int MostTakenAtOnce = 2;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SensorMap<SensorTwin> _twins;
    private readonly ITwinActors? _actors;
    private readonly PostgresLog _log;
    private readonly GroupCommitter _committer;
    private readonly StoreProbe _probe;
    private readonly TurnWatch _turns;
    private readonly SemaphoreSlim _storing = new(1);
    private readonly SemaphoreSlim _taking = new(Math.Min(Environment.ProcessorCount, MostTakenAtOnce));
    private readonly Restater _restater;
    private readonly LateJudge _lateJudge;
    private readonly TwinRepairer _repairer;
    private readonly Recovery _recovery;
    private readonly Checkpointer _checkpointer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoning = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task?[] _loops;

    // Of each partition the last that was given up: completes when nothing of it is left.
    private readonly Task?[] _removals;
    private Task _committing = Task.CompletedTask;
    private Task _background = Task.CompletedTask;
    private bool _disposed;
    private volatile RuleSet _rules;
    private volatile string? _notReady = "the grid is starting";
    private volatile string? _storeTrouble;

    /// <param name="connectionString">Of a database whose schema is up to date.</param>
    /// <exception cref="ArgumentException">A setting breaks its rule.</exception>
    public GridEngine(string connectionString, GridOptions options, EngineRole role, RuleSet rules, ILoggerFactory loggers, TimeProvider time)
    {
        options.Validate();
        Options = options;
        Takeovers = new Takeovers(role.IsShared);
        _rules = rules;
        _time = time;
        _logger = loggers.CreateLogger("SensorGrid.Engine");
        Database = new Database(connectionString);
        Catalog = new SensorCatalog(options.Partitions, options.Limits, role.IsShared);
        Registry = new SensorRegistry(Database, Catalog);
        _twins = new SensorMap<SensorTwin>();
        _actors = role.Actors;
        _loops = new Task?[options.Partitions];
        _removals = new Task?[options.Partitions];
        _changingAlarms = [.. Enumerable.Range(0, options.Partitions).Select(_ => new SemaphoreSlim(1))];
        _writingAlarms = new SemaphoreSlim(Database.OwnConnections / 2);
        Owned = new OwnedPartitions(options.Partitions);
        // At once, as it may take a while until it can be dropped.
        Takeovers.Lost += lost => Owned[lost]?.Lose();
        InFlight = new ByteBudget(options.InFlightBytes, options.MaxWait, _time);
        Bodies = role.IsShared ? new ByteBudget(options.InFlightBytes, options.MaxWait, _time) : InFlight;
        Damaged = new DamagedHistory(Catalog, Metrics, _logger);
        Everywhere = role.Everywhere?.Invoke(this) ?? [.. Enumerable.Range(0, options.Partitions).Select(p => new OwnedPartition(p, () => Owned[p]))];
        History = new History(Database, Everywhere, options, _logger);
        Retention = new RetentionSweeper(Database, Catalog, History, Damaged, options, () => Owned[0] is not null, _time, _logger);
        _log = new PostgresLog(
            Database, options.Partitions, new PostgresLogOptions { DeadLetters = options.DeadLetters, IsShared = role.IsShared }, _time);
        _committer = new GroupCommitter(_log, Catalog, Owned, InFlight, Takeovers, Metrics, _time, _logger);
        _probe = new StoreProbe(Database, _time);
        _turns = new TurnWatch(Database, Takeovers, _time, static () => BootClock.Now);
        _restater = new Restater(Database, Catalog, Damaged, Owned, options, _storing, () => IsBusy, Takeovers, Metrics, _time, _logger);
        Damaged.PutRight += _restater.Wake;
        _checkpointer = new Checkpointer(Database, _log, Owned, options, Metrics, _storing, _restater.Wake, Takeovers, _time, _logger);
        _lateJudge = new LateJudge(Database, Catalog, History, Damaged, Owned, () => _rules, () => IsBusy, options, _storing, Takeovers, Metrics, _time, _logger);
        _repairer = new TwinRepairer(Catalog, History, Damaged, Owned, options, _time, _logger);
        var rebuilder = new TwinRebuilder(Database, Catalog, options, Metrics, Damaged, _time, _logger);
        _recovery = new Recovery(Database, _log, Registry, Catalog, rebuilder, options, Metrics, role.Owner, _logger, _time);
        Metrics.Observe(() => BytesUnderWay, LogLag, () => PendingHistoryBytes, () => Catalog.Count, () => Owned.Sum(p => p.PendingLate));
    }

    public GridOptions Options { get; }

    public Database Database { get; }

    public SensorCatalog Catalog { get; }

    public SensorRegistry Registry { get; }

    /// <summary>The partitions whose twins live here.</summary>
    public OwnedPartitions Owned { get; }

    /// <summary>All partitions, by number, wherever they are.</summary>
    public IReadOnlyList<IPartition> Everywhere { get; }

    /// <summary>Room for readings on their way to the log and the twins here.</summary>
    public ByteBudget InFlight { get; }

    /// <summary>
    /// Room for bodies until their readings are on disk. Where partitions may be elsewhere it is another one than <see cref="InFlight"/>, whose room bodies then wait
    /// for, here or in another process: were it the same, bodies that fill it would wait for each other.
    /// </summary>
    public ByteBudget Bodies { get; }

    public GridMetrics Metrics { get; } = new();

    public History History { get; }

    public DamagedHistory Damaged { get; }

    public RetentionSweeper Retention { get; }

    /// <summary>The rules in force.</summary>
    public RuleSet Rules => _rules;

    /// <summary>Whether writes are under way, which come first.</summary>
    public bool IsBusy => BytesUnderWay > 0;

    /// <summary>Completes, with the reason, when a part of the engine has failed for good and the process should end.</summary>
    public Task<Exception> Failed => _failed.Task;

    public Takeovers Takeovers { get; }

    /// <summary>Whether the partitions held were found to be its own a short while ago.</summary>
    public bool IsCurrent => !Catalog.IsShared || _turns.IsCurrent;

    /// <summary>Why the store is away, where its owner knows more than a failed connection tells; null where it does not.</summary>
    public string? StoreTrouble
    {
        get => _storeTrouble;
        set => _storeTrouble = value;
    }

    /// <summary>Why nothing is taken; null where it is.</summary>
    public string? NotReady =>
        _notReady ?? ((_committer.Outage ?? _probe.Fault) is { } outage ? $"the store does not take data: {_storeTrouble ?? outage}" : null);

    private long BytesUnderWay => InFlight.Used + (Bodies == InFlight ? 0 : Bodies.Used);

    private long PendingHistoryBytes => Owned.Sum(p => p.PendingBytes);

    /// <summary>Gets to know what the store has, and begins to work; it holds no partition yet.</summary>
    /// <exception cref="InvalidDataException">The database was made with other settings, or does not wait for its disk.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var setting in await StoredSettings.RequireAsync(Database, Options, cancellation).ConfigureAwait(false))
        {
            LogNotDurable(setting);
        }
        await _log.ConnectAsync(cancellation).ConfigureAwait(false);
        await Registry.RefreshAsync(cancellation).ConfigureAwait(false);
        // A limit that was lowered does not apply to what is known already.
        _twins.Reserve(Math.Max(Options.Limits.Sensors, Catalog.Count));
        await Retention.LoadAsync(cancellation).ConfigureAwait(false);
        _committing = Watch(Task.Run(() => _committer.RunAsync(Catalog.Count, _abandoning.Token), CancellationToken.None), "log");
        _background = Task.WhenAll(
            Begin(_checkpointer.RunAsync, "checkpoints"), Begin(JudgeSilenceAsync, "silence"), Begin(LookAsync, "live updates"), Begin(_probe.RunAsync, "store probe"),
            Begin(SweepAsync, "retention"), Begin(_restater.RunAsync, "restating"), Begin(_repairer.RunAsync, "repair of twins"),
            Begin(_lateJudge.RunAsync, "judging of late readings"),
            Catalog.IsShared ? Begin(_turns.RunAsync, "watch over turns") : Task.CompletedTask);
    }

    /// <summary>Writes are taken from now on.</summary>
    public void Open()
    {
        _notReady = null;
        _opened.TrySetResult();
    }

    /// <summary>No more writes are taken.</summary>
    public void Close(string reason) => _notReady = reason;

    /// <summary>Takes over a write and its room in <see cref="InFlight"/>; its <see cref="PendingWrite.Durable"/> tells the end.</summary>
    public void Submit(PendingWrite write, long bytes) => _committer.Submit(write, bytes);

    /// <summary>
    /// Brings a write to its end. What was refused of it is kept and counted once its readings are on disk: a client that is told to send it again leaves that there
    /// once.
    /// </summary>
    /// <param name="append">Completes when the readings are on disk. Not called where there are none.</param>
    /// <exception cref="GridBusyException">Too much is under way.</exception>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    public async Task<WriteReport> FinishAsync(DecodedWrite decoded, Func<Task> append)
    {
        try
        {
            if (decoded.Batch.Count > 0)
            {
                await append().ConfigureAwait(false);
            }
            if (decoded.DeadLetters.Count > 0)
            {
                var letters = PendingWrite.Encode(new ReadingBatch(Options.Partitions), decoded.DeadLetters);
                Submit(letters, 0);
                await letters.Durable.ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is GridBusyException or StoreUnavailableException)
        {
            Metrics.WriteRefused();
            throw;
        }
        Metrics.Written(decoded.Report);
        return decoded.Report;
    }

    /// <summary>Why a write cannot be taken now; null where it can.</summary>
    public Exception? Refusal() =>
        NotReady is { } reason ? new StoreUnavailableException(reason, RetryAfter)
        : PendingHistoryBytes > Options.PendingHistoryBytes ? new GridBusyException("too much history waits to be stored", RetryAfter)
        : null;

    /// <summary>Finishes writes under way and ends the work beside them; the partitions held stay as they are.</summary>
    public async Task QuiesceAsync(CancellationToken cancellation)
    {
        _committer.Complete();
        await _committing.WaitAsync(cancellation).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _background.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Checkpoints all partitions for the last time and lets go of them.</summary>
    public async Task EndAsync(TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            await _checkpointer.WriteAllAsync(true, patience, cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (var partition in Owned)
            {
                partition.Complete();
            }
        }
        await Task.WhenAll(_loops.OfType<Task>()).WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Brings everything applied so far into the history and the snapshots, rather than when it is due.</summary>
    public Task CheckpointAsync(CancellationToken cancellation) => _checkpointer.WriteAllAsync(false, Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>
    /// Merges what checkpoints have brought of late readings into the history, judges it and puts the twins right, rather than bit by bit beside other work.
    /// </summary>
    public async Task RestateAsync(CancellationToken cancellation)
    {
        await _restater.DrainAsync(cancellation).ConfigureAwait(false);
        await _lateJudge.JudgeAsync(false, cancellation).ConfigureAwait(false);
        await _repairer.RepairAsync(0, cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts other rules in force.</summary>
    public Task UseAsync(RuleSet rules)
    {
        _rules = rules;
        return AskAllAsync(p => p.Use(rules));
    }

    /// <summary>Ends at once what was not ended, and waits for that; what was acknowledged stays durable.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }
        _notReady = "the grid has stopped";
        _committer.Complete();
        await Task.WhenAll(_abandoning.CancelAsync(), _stopping.CancelAsync()).ConfigureAwait(false);
        await Task.WhenAll(_committing, _background).ConfigureAwait(false);
        foreach (var partition in Owned)
        {
            await RemoveAsync(partition).ConfigureAwait(false);
        }
        await _log.DisposeAsync().ConfigureAwait(false);
        await Database.DisposeAsync().ConfigureAwait(false);
        Metrics.Dispose();
        _stopping.Dispose();
        _abandoning.Dispose();
    }

    private async Task AskAllAsync(Action<Partition> ask)
    {
        try
        {
            await Task.WhenAll(Owned.Select(p => p.AskAsync(partition =>
            {
                ask(partition);
                return true;
            }))).ConfigureAwait(false);
        }
        catch (PartitionMovedException)
        {
            // It goes on elsewhere.
        }
    }

    // Not before the partitions that are here from the start are.
    private async Task SweepAsync(CancellationToken stopping)
    {
        await _opened.Task.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Retention.RunAsync(stopping).ConfigureAwait(false);
    }

    private Task JudgeSilenceAsync(CancellationToken stopping)
    {
        const int Rounds = 5;
        Task JudgeAsync(CancellationToken cancellation)
        {
            var now = Now();
            return AskAllAsync(p => p.JudgeSilence(now, Rounds));
        }
        return Round.RunAsync(TimeSpan.FromSeconds(1), false, _time, JudgeAsync, static _ => { }, stopping);
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
            LogFailed(fault, name, fault.Message);
            _failed.TrySetResult(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The loop of {Name} failed and the grid stops: {Reason}")]
    private partial void LogFailed(Exception fault, string name, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Postgres runs with {Setting} off: a power cut may damage the database. Use it for trials only.")]
    private partial void LogNotDurable(string setting);
}
