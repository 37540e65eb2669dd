using SensorGrid.Core.Grid;
using SensorGrid.Core.Twins;
using SensorGrid.Historian.Restating;

namespace SensorGrid.Engine.Partitions;

internal sealed partial class Partition
{
    // Few sensors have any: no field of every twin.
    private readonly Dictionary<int, LateCount> _lateCounts = [];

    /// <summary>Sets what late readings of a sensor turned out to be, all together.</summary>
    public void Count(LateCount count) => _lateCounts[count.Sensor] = count;

    /// <summary>The twin's counters and what its late readings turned out to be.</summary>
    public Counters CountersOf(SensorTwin twin) =>
        _lateCounts.TryGetValue(twin.Sensor.Id, out var late) ? twin.Counters + new Counters(0, late.Duplicates, 0, late.Corrections) : twin.Counters;
}
