using System.Collections.Concurrent;
using SensorGrid.Core.Catalog;
using SensorGrid.Engine.Live;
using SensorGrid.Grains.Partitions;

namespace SensorGrid.Grains.Live;

/// <summary>What this silo's watchers are told of one partition, wherever it is read. Any thread.</summary>
/// <param name="asked">Called where the partition's silo is to be asked soon.</param>
internal sealed class PartitionLink(int number, GrainPartition partition, IGrainFactory grains, Action asked) : ILiveObserver
{
    private readonly ConcurrentDictionary<int, Entry> _entries = [];
    private readonly SemaphoreSlim _syncing = new(1);
    private ILiveObserver? _self;
    private LiveLease _lease;
    private long _turn;

    /// <summary>Whether there is something to ask the partition's silo for, or to give up.</summary>
    public bool IsUsed => _lease.Number > 0 || !_entries.IsEmpty;

    public void Add(int watch, LiveFeed feed) => _entries[watch] = new Entry(feed);

    public void Remove(int watch) => _entries.TryRemove(watch, out _);

    /// <summary>Asks the partition's silo to tell what the watchers want, or to go on with it.</summary>
    /// <exception cref="Core.Grid.StoreUnavailableException">The partition was away for too long.</exception>
    public async Task SyncAsync(CancellationToken cancellation)
    {
        await _syncing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var wanted = _entries.ToArray();
            if (wanted.Length == 0 && _lease.Number == 0)
            {
                return;
            }
            // Not from a grain's turn, which may not make one.
            _self ??= await Task.Run(() => grains.CreateObjectReference<ILiveObserver>(this), cancellation).ConfigureAwait(false);
            var lease = await partition.WatchAsync(_self, [.. wanted.Select(w => new LiveInterest(w.Key, Text(w.Value.Feed.Pattern), w.Value.Feed.RoomFor(number)))])
                .WaitAsync(cancellation).ConfigureAwait(false);
            var isNew = lease != _lease;
            _lease = lease;
            Take(lease.Turn);
            foreach (var (_, entry) in wanted)
            {
                if (isNew && entry.IsTold)
                {
                    entry.Feed.PutMissed();
                }
                entry.IsTold = true;
            }
        }
        finally
        {
            _syncing.Release();
        }
    }

    public Task<LiveRoom[]> UpdateAsync(LiveBatch batch)
    {
        // A silo that has lost the partition may not know it yet.
        if (Take(batch.Turn))
        {
            foreach (var item in batch.Items)
            {
                foreach (var watch in item.Watches.Length == 0 ? [.. _entries.Keys] : item.Watches)
                {
                    if (_entries.TryGetValue(watch, out var entry))
                    {
                        Put(item, entry.Feed);
                    }
                }
            }
            if (batch.IsLast)
            {
                asked();
            }
        }
        return Task.FromResult(_entries.Select(e => new LiveRoom(e.Key, e.Value.Feed.RoomFor(number))).ToArray());
    }

    private void Put(LiveItem item, LiveFeed feed)
    {
        if (item.Flag is { } flag)
        {
            feed.Put(flag);
        }
        else if (item.Sensor is { } sensor)
        {
            feed.Put(number, sensor);
        }
        else
        {
            feed.PutMissed();
        }
    }

    // False where it is older than the newest known.
    private bool Take(long turn)
    {
        for (var known = Volatile.Read(ref _turn); ; known = Volatile.Read(ref _turn))
        {
            if (turn <= known || Interlocked.CompareExchange(ref _turn, turn, known) == known)
            {
                return turn >= known;
            }
        }
    }

    private static string Text(PathPattern pattern) => $"{pattern.Factory}/{pattern.Machine}/{pattern.Sensor}";

    /// <param name="feed">Where what happens goes.</param>
    private sealed class Entry(LiveFeed feed)
    {
        public LiveFeed Feed => feed;

        /// <summary>Whether the partition's silo has been asked for it.</summary>
        public bool IsTold { get; set; }
    }
}
