using SensorGrid.Core.Flags;
using SensorGrid.Engine.Live;

namespace SensorGrid.Engine.Partitions;

/// <summary>For those who watch.</summary>
internal sealed partial class Partition
{
    private readonly PartitionLive _live = new();

    /// <summary>Any thread.</summary>
    public bool IsWatched => _live.IsWatched;

    /// <summary>From now on their targets are given what happens, until they are over.</summary>
    public void Watch(params IReadOnlyCollection<PartitionWatch> watches) => _live.Add(watches);

    /// <summary>Gives those who watch the twins that have changed.</summary>
    public void Look() => _live.Look(this, _slots);

    /// <summary>Tells those who watch of a flag. Any thread.</summary>
    /// <param name="owner">As in <see cref="Historian.Flags.FlagRow"/>.</param>
    public void Tell(int owner, Flag flag) => _live.Tell(_catalog, owner, flag);
}
