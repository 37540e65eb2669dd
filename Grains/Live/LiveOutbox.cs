using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine.Live;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Grains.Live;

/// <summary>
/// What a partition has to tell one silo. One batch is on its way at a time: what happens meanwhile makes the next one. It holds no more than the silo's
/// watchers have room for. It is over when a batch does not arrive, or the silo has not asked for it for a while, and stays so. Any thread.
/// </summary>
internal sealed partial class LiveOutbox(ILiveObserver observer, int partition, long turn, long lease, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Watch> _watches = [];
    private readonly Dictionary<SensorView, List<int>> _sensors = new(ReferenceEqualityComparer.Instance);
    private List<(Flag? Flag, SensorView? Sensor, List<int> Watches)> _items = [];
    private long _renewed = time.GetTimestamp();
    private int _flags;
    private bool _isSending;
    private bool _isLast;
    private volatile bool _isOver;

    /// <inheritdoc cref="LiveLease.Number"/>
    public long Lease => lease;

    public bool IsOver => _isOver || time.GetElapsedTime(Volatile.Read(ref _renewed)) > LeaseTime;

    /// <summary>Prolongs it, and makes it follow these watches of its partition. On the partition's loop.</summary>
    /// <returns>False where it is over, and the partition may have let go of its watches.</returns>
    public bool Follow(Partition here, LiveInterest[] interests)
    {
        if (IsOver)
        {
            return false;
        }
        Volatile.Write(ref _renewed, time.GetTimestamp());
        lock (_lock)
        {
            var wanted = interests.Select(i => i.Watch).ToHashSet();
            foreach (var (id, gone) in _watches.Where(w => !wanted.Contains(w.Key)).ToArray())
            {
                gone.IsGone = true;
                _watches.Remove(id);
            }
            var begun = new List<PartitionWatch>();
            foreach (var interest in interests)
            {
                if (_watches.TryGetValue(interest.Watch, out var known))
                {
                    known.Space = interest.Room;
                }
                else if (PathPattern.Parse(interest.Pattern) is { } pattern)
                {
                    var watch = new Watch(this, interest.Watch) { Space = interest.Room };
                    _watches.Add(interest.Watch, watch);
                    begun.Add(new PartitionWatch(pattern, watch));
                }
            }
            here.Watch(begun);
        }
        return true;
    }

    /// <summary>Sends what there is, and that nothing follows.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isLast = true;
        }
        Send();
    }

    private void Put(int watch, Flag flag)
    {
        lock (_lock)
        {
            if (_items.Count > 0 && ReferenceEquals(_items[^1].Flag, flag))
            {
                _items[^1].Watches.Add(watch);
                return;
            }
            if (_flags >= LiveFeed.MostFlags)
            {
                if (_items[^1] is not (null, null, _))
                {
                    _items.Add((null, null, []));
                }
            }
            else
            {
                _flags++;
                _items.Add((flag, null, [watch]));
            }
        }
    }

    private void Put(int watch, SensorView sensor)
    {
        lock (_lock)
        {
            if (_sensors.TryGetValue(sensor, out var watches))
            {
                watches.Add(watch);
                return;
            }
            _sensors.Add(sensor, watches = [watch]);
            _items.Add((null, sensor, watches));
        }
    }

    private void Send()
    {
        lock (_lock)
        {
            if (!_isSending && !_isOver && (_items.Count > 0 || _isLast))
            {
                _isSending = true;
                _ = Task.Run(SendAllAsync);
            }
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (Next() is { } batch)
            {
                var rooms = await observer.UpdateAsync(batch).ConfigureAwait(false);
                lock (_lock)
                {
                    foreach (var (watch, room) in rooms)
                    {
                        if (_watches.TryGetValue(watch, out var known))
                        {
                            known.Space = room;
                        }
                    }
                }
            }
        }
        catch (Exception fault)
        {
            // Whatever it is: the silo is gone, or does not keep up. Where it is still there it asks again, and learns that it has missed something.
            _isOver = true;
            LogOver(partition, fault.Message);
        }
    }

    private LiveBatch? Next()
    {
        lock (_lock)
        {
            if (_isOver || (_items.Count == 0 && !_isLast))
            {
                _isSending = false;
                return null;
            }
            var batch = new LiveBatch(turn, [.. _items.Select(i => new LiveItem(i.Flag, i.Sensor, [.. i.Watches]))], _isLast);
            _isOver = _isLast;
            _items = [];
            _sensors.Clear();
            _flags = 0;
            return batch;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What happens in partition {Partition} did not reach a silo where somebody watches, which is told no more until it asks again: {Reason}")]
    private partial void LogOver(int partition, string reason);

    private sealed class Watch(LiveOutbox outbox, int id) : ILiveTarget
    {
        public int Space { get; set; }

        public bool IsGone { get; set; }

        public bool IsOver => IsGone || outbox.IsOver;

        public int Room
        {
            get
            {
                lock (outbox._lock)
                {
                    return outbox._isSending ? 0 : Space;
                }
            }
        }

        public void Put(SensorView sensor) => outbox.Put(id, sensor);

        public void Put(Flag flag) => outbox.Put(id, flag);

        public void Flush() => outbox.Send();
    }
}
