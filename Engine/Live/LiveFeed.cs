using System.Diagnostics.CodeAnalysis;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Engine.Live;

/// <summary>
/// What waits for one reader, bounded: flags first, in the order in which they came, then twins. A sensor's twin that is still waiting is replaced by its next. Any thread.
/// </summary>
/// <param name="ended">Called once, when it is disposed.</param>
/// <param name="drained">Called when it is empty and has said before that it has no room.</param>
internal sealed class LiveFeed(PathPattern pattern, Action ended, Action? drained = null) : ILiveFeed
{
    public const int MostFlags = 1000;

    /// <summary>Of each partition.</summary>
    public const int MostSensors = 128;

    private readonly Lock _lock = new();
    private readonly Queue<Entry> _urgent = [];
    private readonly Queue<Entry> _twins = [];
    private readonly Dictionary<string, Entry> _sensors = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _sensorsOf = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private int _flags;

    // That some are missing, where it waits and no flag has come after it.
    private Entry? _missed;
    private bool _wasFull;
    private volatile bool _isOver;

    public PathPattern Pattern => pattern;

    public bool IsOver => _isOver;

    /// <summary>How many sensors' twins of a partition it takes now.</summary>
    public int RoomFor(int partition)
    {
        lock (_lock)
        {
            var room = _isOver ? 0 : MostSensors - _sensorsOf.GetValueOrDefault(partition);
            _wasFull |= room == 0;
            return room;
        }
    }

    public void Put(int partition, SensorView sensor)
    {
        var update = new SensorUpdate(sensor);
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }
            if (_sensors.TryGetValue(sensor.Path, out var waiting))
            {
                waiting.Update = update;
                return;
            }
            _sensorsOf[partition] = _sensorsOf.GetValueOrDefault(partition) + 1;
            var entry = new Entry(update, partition);
            _sensors.Add(sensor.Path, entry);
            Add(_twins, entry);
        }
    }

    public void Put(Flag flag)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }
            if (_flags >= MostFlags)
            {
                Miss();
                return;
            }
            _flags++;
            _missed = null;
            Add(_urgent, new Entry(new FlagUpdate(flag), -1));
        }
    }

    /// <summary>Tells the reader that updates of flags were lost here.</summary>
    public void PutMissed()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                Miss();
            }
        }
    }

    public async ValueTask<LiveUpdate> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryNext(out var update))
            {
                return update;
            }
            await _arrived.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public bool TryNext([NotNullWhen(true)] out LiveUpdate? update)
    {
        bool isDrained;
        lock (_lock)
        {
            update = Take();
            isDrained = _wasFull && _urgent.Count == 0 && _twins.Count == 0;
            _wasFull &= !isDrained;
        }
        if (isDrained)
        {
            drained?.Invoke();
        }
        return update is not null;
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return ValueTask.CompletedTask;
            }
            _isOver = true;
            _urgent.Clear();
            _twins.Clear();
            _sensors.Clear();
        }
        ended();
        return ValueTask.CompletedTask;
    }

    private LiveUpdate? Take()
    {
        if (!_urgent.TryDequeue(out var entry) && !_twins.TryDequeue(out entry))
        {
            return null;
        }
        if (entry.Update is SensorUpdate { Sensor.Path: var path })
        {
            _sensors.Remove(path);
            _sensorsOf[entry.Partition]--;
        }
        else if (entry.Update is FlagUpdate)
        {
            _flags--;
        }
        else if (entry == _missed)
        {
            _missed = null;
        }
        return entry.Update;
    }

    private void Miss()
    {
        if (_missed is null)
        {
            Add(_urgent, _missed = new Entry(new MissedUpdate(), -1));
        }
    }

    private void Add(Queue<Entry> queue, Entry entry)
    {
        queue.Enqueue(entry);
        if (_arrived.CurrentCount == 0)
        {
            _arrived.Release();
        }
    }

    private sealed class Entry(LiveUpdate update, int partition)
    {
        public LiveUpdate Update { get; set; } = update;

        public int Partition { get; } = partition;
    }
}
