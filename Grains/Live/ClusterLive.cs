using Microsoft.Extensions.Logging;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Engine.Live;
using SensorGrid.Grains.Partitions;

namespace SensorGrid.Grains.Live;

/// <summary>
/// Feeds of a silo. For each partition that somebody here watches it holds one lease at the grain that reads it, which it renews; after a move, or when the
/// partition's silo has died, the next renewal begins a new one where the partition is then.
/// </summary>
internal sealed partial class ClusterLive : ILifecycleParticipant<ISiloLifecycle>
{
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    private readonly GridEngine _engine;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PartitionLink[] _links;
    private readonly Task[] _renewing;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _asked = new(0);
    private Task _keeping = Task.CompletedTask;
    private int _watches;

    public ClusterLive(GridEngine engine, IGrainFactory grains, TimeProvider time, ILogger<ClusterLive> logger)
    {
        (_engine, _time, _logger) = (engine, time, logger);
        _links = [.. engine.Everywhere.Select((p, number) => new PartitionLink(number, (GrainPartition)p, grains, Ask))];
        _renewing = [.. _links.Select(_ => Task.CompletedTask)];
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe<ClusterLive>(ServiceLifecycleStage.Active + 1, StartAsync, StopAsync);

    /// <inheritdoc cref="IGrid.WatchAsync"/>
    public async Task<ILiveFeed> WatchAsync(string? path, CancellationToken cancellation)
    {
        var pattern = LocalLive.PatternOf(path);
        var number = Interlocked.Increment(ref _watches);
        var links = _engine.PartitionsOf(pattern).Select(p => _links[p]).ToArray();
        var feed = new LiveFeed(
            pattern,
            () =>
            {
                Array.ForEach(links, link => link.Remove(number));
                Ask();
            },
            Ask);
        try
        {
            Array.ForEach(links, link => link.Add(number, feed));
            await Task.WhenAll(links.Select(link => link.SyncAsync(cancellation))).ConfigureAwait(false);
            Ask();
            return feed;
        }
        catch
        {
            await feed.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Ask()
    {
        if (_asked.CurrentCount == 0)
        {
            _asked.Release();
        }
    }

    private Task StartAsync(CancellationToken cancellation)
    {
        _keeping = Task.Run(() => KeepAsync(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        await Task.WhenAll(_renewing).ConfigureAwait(false);
    }

    private async Task KeepAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                // Where nobody watches there is nothing to wake up for.
                await _asked.WaitAsync(Array.Exists(_links, l => l.IsUsed) ? Renewal : Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(false);
                for (var p = 0; p < _links.Length; p++)
                {
                    // One that is away waits for itself alone.
                    if (_links[p].IsUsed && _renewing[p].IsCompleted)
                    {
                        _renewing[p] = RenewAsync(p, stopping);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task RenewAsync(int partition, CancellationToken stopping)
    {
        try
        {
            await _links[partition].SyncAsync(stopping).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            if (!stopping.IsCancellationRequested)
            {
                LogNotRenewed(partition, fault.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What happens in partition {Partition} is not told here at present, which is tried again: {Reason}")]
    private partial void LogNotRenewed(int partition, string reason);
}
