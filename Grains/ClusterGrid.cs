using Microsoft.Extensions.Logging;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Replays;
using SensorGrid.Engine.Writing;
using SensorGrid.Grains.Live;
using SensorGrid.Grains.Partitions;
using SensorGrid.Grains.Replays;

namespace SensorGrid.Grains;

/// <summary>The grid of a cluster as one of its silos serves it: whichever is asked, the answer is that of all.</summary>
internal sealed class ClusterGrid : IGrid, IRulesInForce, IAsyncDisposable
{
    private readonly GridEngine _engine;
    private readonly PartitionKeeper _keeper;
    private readonly ClusterLive _live;
    private readonly GridReads _reads;
    private readonly GridAlarms _alarms;
    private readonly WriteDecoder _decoder;
    private readonly ClusterWriter _writer;
    private readonly GridReplays _replays;

    public ClusterGrid(
        GridEngine engine, PartitionKeeper keeper, ClusterLive live, IGrainFactory grains, ILocalSiloDetails silo, ISiloStatusOracle silos, TimeProvider time,
        ILoggerFactory loggers)
    {
        (_engine, _keeper, _live) = (engine, keeper, live);
        _reads = new GridReads(engine);
        _alarms = new GridAlarms(engine, RefreshAsync, (partition, flag, action, cancellation) => ((GrainPartition)engine.Everywhere[partition]).ChangeAlarmAsync(flag, action, cancellation));
        _decoder = new WriteDecoder(engine, time);
        _writer = new ClusterWriter(engine, grains, new AppendCalls(engine, time), time);
        _replays = new GridReplays(this, engine, time, loggers.CreateLogger("SensorGrid.Grains"));
        Replays = new ClusterReplays(_replays, engine.Registry.KnowAsync, grains, silo, silos);
    }

    public GridInfo Info => _reads.Info is { IsReady: true } info && _keeper.NotReady is { } reason ? info with { IsReady = false, NotReady = reason } : _reads.Info;

    public IReplays Replays { get; }

    /// <summary>Those that run on this silo.</summary>
    public IReplays OwnReplays => _replays;

    public async Task<WriteReport> WriteAsync(ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancellation)
    {
        var decoded = await _decoder.DecodeAsync(body, options, cancellation).ConfigureAwait(false);
        try
        {
            return await _engine.FinishAsync(decoded, () => _writer.AppendAsync(decoded.Batch, cancellation)).ConfigureAwait(false);
        }
        finally
        {
            _engine.Bodies.Return(decoded.InFlight);
        }
    }

    public Task UseAsync(RuleSet rules) => _engine.UseAsync(rules);

    public bool Knows(GridPath path) => _reads.Knows(path);

    public async Task<IReadOnlyList<FactorySummary>> ListFactoriesAsync(CancellationToken cancellation)
    {
        await RefreshAsync(cancellation).ConfigureAwait(false);
        return await _reads.ListFactoriesAsync(cancellation).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<MachineSummary>?> ListMachinesAsync(string factory, CancellationToken cancellation) =>
        ListAsync(() => _reads.ListMachinesAsync(factory, cancellation), cancellation);

    public Task<IReadOnlyList<SensorSummary>?> ListSensorsAsync(string factory, string machine, CancellationToken cancellation) =>
        AskAsync(() => _reads.ListSensorsAsync(factory, machine, cancellation), cancellation);

    public Task<FactoryView?> GetFactoryAsync(string factory, CancellationToken cancellation) =>
        ListAsync(() => _reads.GetFactoryAsync(factory, cancellation), cancellation);

    public Task<MachineView?> GetMachineAsync(string factory, string machine, CancellationToken cancellation) =>
        AskAsync(() => _reads.GetMachineAsync(factory, machine, cancellation), cancellation);

    public Task<SensorView?> GetSensorAsync(string factory, string machine, string sensor, CancellationToken cancellation) =>
        AskAsync(() => _reads.GetSensorAsync(factory, machine, sensor, cancellation), cancellation);

    public Task<IReadOnlyList<StatisticsSeries>?> GetStatisticsAsync(GridPath path, long from, long to, long windowSize, CancellationToken cancellation) =>
        path.Sensor is null
            ? ListAsync(() => _reads.GetStatisticsAsync(path, from, to, windowSize, cancellation), cancellation)
            : AskAsync(() => _reads.GetStatisticsAsync(path, from, to, windowSize, cancellation), cancellation);

    public Task<IAsyncEnumerable<ReadOnlyMemory<Reading>>?> GetReadingsAsync(GridPath sensor, long from, long to, CancellationToken cancellation) =>
        AskAsync(() => _reads.GetReadingsAsync(sensor, from, to, cancellation), cancellation);

    public async Task<IReadOnlyList<Flag>> GetFlagsAsync(FlagQuery query, CancellationToken cancellation)
    {
        await RefreshAsync(cancellation).ConfigureAwait(false);
        return await _reads.GetFlagsAsync(query, cancellation).ConfigureAwait(false);
    }

    public Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action, CancellationToken cancellation) => _alarms.ChangeAsync(flag, action, cancellation);

    public Task<ILiveFeed> WatchAsync(string? path, CancellationToken cancellation) =>
        _live.WatchAsync(path, cancellation);

    public Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int limit, CancellationToken cancellation) =>
        _reads.GetDeadLettersAsync(limit, cancellation);

    public async ValueTask DisposeAsync() => await _replays.StopAsync().ConfigureAwait(false);

    // Of a sensor or machine, of which its own silo knows all there is: where it is not known here, another silo may have met it since.
    private async Task<T?> AskAsync<T>(Func<Task<T?>> ask, CancellationToken cancellation)
        where T : class =>
        await ask().ConfigureAwait(false) ?? await ListAsync(ask, cancellation).ConfigureAwait(false);

    // With the sensors in mind that other silos have met since. Where the store cannot tell of them what is known is answered, and nothing else is called unknown.
    private async Task<T?> ListAsync<T>(Func<Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        var fault = await RefreshAsync(cancellation).ConfigureAwait(false);
        return await ask().ConfigureAwait(false) ?? (fault is null ? null : throw fault);
    }

    /// <returns>Why it could not; null where it could.</returns>
    private async Task<StoreUnavailableException?> RefreshAsync(CancellationToken cancellation)
    {
        try
        {
            await _engine.Registry.KnowAsync(cancellation).ConfigureAwait(false);
            return null;
        }
        catch (StoreUnavailableException away)
        {
            return away;
        }
    }
}
