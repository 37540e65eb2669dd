using System.Collections.Concurrent;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Engine.Live;

/// <summary>
/// Who watches a partition, and what they are to see. Readings cost nothing more for it: at intervals, and only where somebody watches, it looks which of the
/// twins have had some. For the loop's thread, but where it says otherwise.
/// </summary>
internal sealed class PartitionLive
{
    /// <summary>A look makes so many views at most, at some 15 us each; who watches the same sensors shares them.</summary>
    public const int MostViews = 128;

    private readonly Dictionary<int, SensorView> _views = [];

    // Sensors of which a flag or an alarm changed.
    private readonly ConcurrentQueue<int> _touched = [];
    private volatile PartitionWatch[] _watches = [];
    private long[] _readings = [];
    private int[] _changed = [];
    private bool[] _watched = [];
    private int _look;
    private int _left;

    /// <summary>Any thread.</summary>
    public bool IsWatched => _watches.Length > 0;

    public void Add(IReadOnlyCollection<PartitionWatch> watches) => _watches = watches.Count == 0 ? _watches : [.. _watches, .. watches];

    /// <summary>Tells those concerned of a flag as it is now. Any thread.</summary>
    /// <param name="owner">As in <see cref="Historian.Flags.FlagRow"/>.</param>
    public void Tell(SensorCatalog catalog, int owner, Flag flag)
    {
        var watches = _watches;
        if (watches.Length == 0)
        {
            return;
        }
        if (owner >= 0)
        {
            _touched.Enqueue(owner);
        }
        foreach (var watch in watches)
        {
            if (watch.Matches(catalog, owner))
            {
                watch.Target.Put(flag);
            }
        }
        Array.ForEach(watches, w => w.Target.Flush());
    }

    /// <summary>Gives each watcher the twins that have changed since it was given them, as far as it has room.</summary>
    public void Look(Partition partition, IReadOnlyList<SensorTwin> twins)
    {
        RemoveEnded();
        if (_watches.Length == 0)
        {
            return;
        }
        _look++;
        _left = MostViews;
        Meet(twins);
        NoteChanges(partition, twins);
        var watches = _watches;
        for (var i = 0; i < watches.Length; i++)
        {
            // Who is first has the most of what may be done.
            watches[(i + _look) % watches.Length].Go(_look, _changed, (slot, target) => Put(partition, twins[slot], target));
        }
        Array.ForEach(watches, w => w.Target.Flush());
        _views.Clear();
    }

    private void RemoveEnded()
    {
        if (!Array.Exists(_watches, w => w.Target.IsOver))
        {
            return;
        }
        _watches = [.. _watches.Where(w => !w.Target.IsOver)];
        Array.Clear(_watched);
        foreach (var slot in _watches.SelectMany(w => w.Slots))
        {
            _watched[slot] = true;
        }
    }

    private void Meet(IReadOnlyList<SensorTwin> twins)
    {
        if (twins.Count > _watched.Length)
        {
            var size = Math.Max(twins.Count, 2 * _watched.Length);
            Array.Resize(ref _watched, size);
            Array.Resize(ref _changed, size);
            Array.Resize(ref _readings, size);
        }
        foreach (var watch in _watches)
        {
            watch.Meet(twins, _watched);
        }
    }

    private void NoteChanges(Partition partition, IReadOnlyList<SensorTwin> twins)
    {
        while (_touched.TryDequeue(out var sensor))
        {
            if (partition.Twin(sensor) is { } twin)
            {
                _changed[twin.Slot] = _look;
            }
        }
        for (var slot = 0; slot < twins.Count; slot++)
        {
            if (_watched[slot] && twins[slot].Counters.Readings is var readings && readings != _readings[slot])
            {
                (_readings[slot], _changed[slot]) = (readings, _look);
            }
        }
    }

    private bool Put(Partition partition, SensorTwin twin, ILiveTarget target)
    {
        if (!_views.TryGetValue(twin.Slot, out var view))
        {
            if (_left-- <= 0)
            {
                return false;
            }
            var (whole, lateUntil) = SensorState.Of(partition, twin.Sensor);
            _views[twin.Slot] = view = lateUntil == long.MinValue ? whole : whole with { Windows = [.. whole.Windows.Where(w => w.Start > lateUntil)] };
        }
        target.Put(view);
        return true;
    }
}
