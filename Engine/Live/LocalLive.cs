using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Engine.Live;

/// <summary>Feeds where all partitions are here.</summary>
internal sealed class LocalLive(GridEngine engine)
{
    /// <inheritdoc cref="IGrid.WatchAsync"/>
    public async Task<ILiveFeed> WatchAsync(string? path)
    {
        var pattern = PatternOf(path);
        var feed = new LiveFeed(pattern, static () => { });
        try
        {
            await Task.WhenAll(engine.PartitionsOf(pattern).Select(p => (engine.Owned[p] ?? throw new PartitionMovedException(p)).AskAsync(partition =>
            {
                partition.Watch(new PartitionWatch(pattern, new Target(feed, p)));
                return true;
            }))).ConfigureAwait(false);
            return feed;
        }
        catch (PartitionMovedException)
        {
            await feed.DisposeAsync().ConfigureAwait(false);
            throw new StoreUnavailableException("the grid is starting or stopping", TimeSpan.FromSeconds(1));
        }
    }

    /// <exception cref="ArgumentException">The path is no pattern.</exception>
    public static PathPattern PatternOf(string? path) => path is null ? PathPattern.Any
        : PathPattern.ParsePrefix(path) ?? throw new ArgumentException($"'{path}' is no pattern of factory/machine/sensor", nameof(path));

    private sealed class Target(LiveFeed feed, int partition) : ILiveTarget
    {
        public bool IsOver => feed.IsOver;

        public int Room => feed.RoomFor(partition);

        public void Put(SensorView sensor) => feed.Put(partition, sensor);

        public void Put(Flag flag) => feed.Put(flag);

        public void Flush()
        {
            // They are there.
        }
    }
}
