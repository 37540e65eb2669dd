using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Live;

/// <summary>Those that have subscribed to a grain. Each has a feed of its own on the grain's silo. For the grain's turns.</summary>
internal sealed class GrainWatchers(IGrid grid)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const int MostAtOnce = 256;

    private readonly Dictionary<ILiveWatcher, (CancellationTokenSource Lease, Task Telling)> _watchers = [];

    /// <summary>Begins to tell a watcher, or goes on.</summary>
    /// <param name="know">Throws where there is nothing of the path.</param>
    public async Task SubscribeAsync(string path, ILiveWatcher watcher, Func<Task> know)
    {
        foreach (var (ended, (over, _)) in _watchers.Where(w => w.Value.Telling.IsCompleted).ToArray())
        {
            over.Dispose();
            _watchers.Remove(ended);
        }
        if (_watchers.TryGetValue(watcher, out var known))
        {
            known.Lease.CancelAfter(Lease);
            return;
        }
        await know();
        var feed = await grid.WatchAsync(path, CancellationToken.None);
        var lease = new CancellationTokenSource(Lease);
        _watchers[watcher] = (lease, Task.Run(() => TellAsync(feed, watcher, lease.Token)));
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

    private static async Task TellAsync(ILiveFeed feed, ILiveWatcher watcher, CancellationToken ending)
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
        catch (Exception)
        {
            // The lease has ended, or the watcher is gone: it subscribes again if it is not.
        }
    }

    private static LiveItem Of(LiveUpdate update) => new((update as FlagUpdate)?.Flag, (update as SensorUpdate)?.Sensor, []);
}
