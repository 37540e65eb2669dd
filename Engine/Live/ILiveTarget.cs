using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Engine.Live;

/// <summary>Where a partition puts what one watcher is to see of it.</summary>
internal interface ILiveTarget
{
    /// <summary>Whether nobody listens any more. Any thread.</summary>
    bool IsOver { get; }

    /// <summary>How many sensors' twins it takes now.</summary>
    int Room { get; }

    void Put(SensorView sensor);

    /// <summary>Any thread.</summary>
    void Put(Flag flag);

    /// <summary>What there was, the same for all targets, has been put. Any thread.</summary>
    void Flush();
}
