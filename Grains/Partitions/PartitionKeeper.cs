using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains.Partitions;

/// <summary>
/// Runs the silo's engine with the silo, sees to it that every partition is read by some silo, and lets go of those that belong on another one.
/// </summary>
internal sealed partial class PartitionKeeper(
    GridEngine engine, PartitionMap map, TwinGrains twins, IGrainFactory grains, ILocalSiloDetails silo, ISiloStatusOracle silos, IHostApplicationLifetime host,
    TimeProvider time, ILogger<PartitionKeeper> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(10);

    /// <summary>So long nobody has come or gone before partitions are moved for evenness.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly MissingPartitions _missing = new(p => grains.GetGrain<ILogPartitionGrain>(p).EnsureAsync(), time, logger);
    private Task _keeping = Task.CompletedTask;
    private SiloAddress[] _members = [];
    private long _changedAt;
    private volatile bool _allHere;

    /// <summary>Why the grid is not ready; null where every partition has been read since the silo began.</summary>
    public string? NotReady => _allHere ? null : "the silo is waiting for all partitions to be read";

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe<PartitionKeeper>(ServiceLifecycleStage.ApplicationServices, StartEngineAsync, StopEngineAsync);
        lifecycle.Subscribe<PartitionKeeper>(ServiceLifecycleStage.Active + 1, StartAsync, StopAsync);
    }

    private async Task StartEngineAsync(CancellationToken cancellation)
    {
        await engine.StartAsync(cancellation).ConfigureAwait(false);
        await map.RefreshAsync(engine.Database, cancellation).ConfigureAwait(false);
        engine.Takeovers.Lost += OnLost;
        engine.Open();
        _ = StopWithEngineAsync();
    }

    // The grains have given their partitions up by now, if they could.
    private async Task StopEngineAsync(CancellationToken cancellation)
    {
        engine.Close("the silo is stopping");
        await engine.QuiesceAsync(cancellation).ConfigureAwait(false);
        await engine.EndAsync(StorePatience, cancellation).ConfigureAwait(false);
    }

    private Task StartAsync(CancellationToken cancellation)
    {
        _changedAt = time.GetTimestamp();
        _keeping = Task.WhenAll(WatchAsync(KeepAsync, "keeping of partitions"), WatchAsync(twins.RunAsync, "calling of grains"));
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
    }

    private async Task KeepAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        string? told = null;
        try
        {
            do
            {
                try
                {
                    await KeepOnceAsync(stopping).ConfigureAwait(false);
                    if (told is not null)
                    {
                        LogKept();
                    }
                    told = null;
                }
                catch (Exception fault) when (!stopping.IsCancellationRequested)
                {
                    if (fault.Message != told)
                    {
                        LogNotKept(fault.Message);
                    }
                    told = fault.Message;
                }
            }
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false));
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Stopping, which a query that is cut short may tell otherwise.
        }
    }

    private async Task KeepOnceAsync(CancellationToken stopping)
    {
        SiloAddress[] members = [.. silos.GetApproximateSiloStatuses(true).Keys.Order()];
        if (!members.SequenceEqual(_members))
        {
            (_members, _changedAt) = (members, time.GetTimestamp());
        }
        await map.RefreshAsync(engine.Database, stopping).ConfigureAwait(false);
        var owners = map.Owners;
        var missing = Enumerable.Range(0, owners.Count).Where(p => owners[p] is not { } owner || !members.Contains(owner) || IsForgotten(owner, p));
        await _missing.CallAsync(missing, stopping).ConfigureAwait(false);
        _allHere |= _missing.IsEmpty;
        if (time.GetElapsedTime(_changedAt) >= Settled && members.Contains(silo.SiloAddress))
        {
            var spread = map.Spread(members);
            var leaving = engine.Owned.Numbers.Where(p => !spread[p].Equals(silo.SiloAddress));
            await Task.WhenAll(leaving.Select(p => grains.GetGrain<ILogPartitionGrain>(p).MoveAsync(spread[p]))).WaitAsync(stopping).ConfigureAwait(false);
        }
    }

    // The table says that it is here, but it has been given up.
    private bool IsForgotten(SiloAddress owner, int partition) => owner.Equals(silo.SiloAddress) && engine.Owned[partition] is null;

    private void OnLost(int partition) => _ = Task.Run(async () =>
    {
        LogLost(partition);
        try
        {
            await engine.DropAsync(partition).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            LogNotDropped(fault, partition);
        }
    });

    // The silo cannot do without it.
    private async Task WatchAsync(Func<CancellationToken, Task> loop, string name)
    {
        try
        {
            await Task.Run(() => loop(_stopping.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            LogEnded(fault, name);
            host.StopApplication();
        }
    }

    private async Task StopWithEngineAsync()
    {
        var fault = await engine.Failed.ConfigureAwait(false);
        LogFailed(fault);
        host.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The partitions were not looked after, which is tried again: {Reason}")]
    private partial void LogNotKept(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The partitions are looked after again.")]
    private partial void LogKept();

    [LoggerMessage(Level = LogLevel.Critical, Message = "The {Name} has failed; the silo stops.")]
    private partial void LogEnded(Exception fault, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another silo has taken partition {Partition} over; what was not stored here it has from the log.")]
    private partial void LogLost(int partition);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was here of partition {Partition} was not let go of.")]
    private partial void LogNotDropped(Exception fault, int partition);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The engine has failed; the silo stops.")]
    private partial void LogFailed(Exception fault);
}
