using Microsoft.Extensions.Logging;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Live;

/// <summary>Those that have subscribed to a grain. Each has a feed of its own on the grain's silo. For the grain's turns.</summary>
internal sealed partial class GrainWatchers(string path, IGrid grid, ILogger logger)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const int MostAtOnce = 256;

    private readonly Dictionary<ILiveWatcher, (CancellationTokenSource Lease, Task Telling)> _watchers = [];

    /// <summary>Begins to tell a watcher, or goes on.</summary>
    /// <param name="know">Throws where there is nothing of the path.</param>
    /// <returns>Whether it goes on.</returns>
    public async Task<bool> SubscribeAsync(ILiveWatcher watcher, Func<Task> know)
    {
        foreach (var ended in _watchers.Where(w => w.Value.Telling.IsCompleted || w.Value.Lease.IsCancellationRequested).Select(w => w.Key).ToArray())
        {
            await UnsubscribeAsync(ended);
        }
        if (_watchers.TryGetValue(watcher, out var known))
        {
            known.Lease.CancelAfter(Lease);
            return true;
        }
        await know();
        var feed = await grid.WatchAsync(path, CancellationToken.None);
        var lease = new CancellationTokenSource(Lease);
        _watchers[watcher] = (lease, Task.Run(() => TellAsync(feed, watcher, lease.Token)));
        return false;
    }

    public async Task UnsubscribeAsync(ILiveWatcher watcher)
    {
        if (_watchers.Remove(watcher, out var known))
        {
            await known.Lease.CancelAsync();
            await known.Telling;
            known.Lease.Dispose();
        }
    }

    public Task EndAsync() => Task.WhenAll(_watchers.Keys.ToArray().Select(UnsubscribeAsync));

    private async Task TellAsync(ILiveFeed feed, ILiveWatcher watcher, CancellationToken ending)
    {
        await using var ended = feed.ConfigureAwait(false);
        try
        {
            var items = new List<LiveItem>();
            while (true)
            {
                items.Add(Of(await feed.NextAsync(ending).ConfigureAwait(false)));
                while (items.Count < MostAtOnce && feed.TryNext(out var more))
                {
                    items.Add(Of(more));
                }
                await watcher.UpdateAsync([.. items]).WaitAsync(ending).ConfigureAwait(false);
                items.Clear();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The lease has ended.
        }
        catch (Exception fault)
        {
            // Whatever it is: the watcher is gone, or does not keep up. It subscribes again where it is still there.
            LogEnded(path, fault.Message);
        }
    }

    private static LiveItem Of(LiveUpdate update) => new((update as FlagUpdate)?.Flag, (update as SensorUpdate)?.Sensor, []);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What happens at {Path} did not reach one that watches, which is told no more until it subscribes again: {Reason}")]
    private partial void LogEnded(string path, string reason);
}
