using SensorGrid.Core.Catalog;
using SensorGrid.Core.Twins;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Live;

/// <summary>How far one watcher has got in a partition. It goes round all of its sensors and takes those that have changed since it was there. For the loop's thread.</summary>
internal sealed class PartitionWatch(PathPattern pattern, ILiveTarget target)
{
    private readonly List<int> _slots = [];
    private int _known;
    private int _at;

    // The look in which this round began, and the one before it.
    private int _round;
    private int _before = -1;

    public ILiveTarget Target => target;

    /// <summary>Its sensors.</summary>
    public IReadOnlyList<int> Slots => _slots;

    public bool Matches(SensorCatalog catalog, int owner) => owner < 0
        ? catalog[FlagRow.MachineOf(owner)] is { Machine: var machine } && pattern.MatchesMachine(machine)
        : catalog[owner] is { } sensor && pattern.Matches(sensor);

    /// <summary>Takes the sensors in that it does not know yet.</summary>
    public void Meet(IReadOnlyList<SensorTwin> twins, bool[] watched)
    {
        for (; _known < twins.Count; _known++)
        {
            if (pattern.Matches(twins[_known].Sensor))
            {
                _slots.Add(_known);
                watched[_known] = true;
            }
        }
    }

    /// <summary>Goes on with its round as far as there is room.</summary>
    /// <param name="look">The number of this look.</param>
    /// <param name="changed">The look in which each sensor was last seen to have changed.</param>
    /// <param name="put">Puts a sensor; false where enough has been done for now.</param>
    public void Go(int look, int[] changed, Func<int, ILiveTarget, bool> put)
    {
        if (_at == 0)
        {
            _round = look;
        }
        for (var room = target.Room; _at < _slots.Count; _at++)
        {
            var slot = _slots[_at];
            if (changed[slot] <= _before)
            {
                continue;
            }
            if (room-- <= 0 || !put(slot, target))
            {
                return;
            }
        }
        (_at, _before) = (0, _round);
    }
}
