using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Partitions;

/// <summary>A sensor's readings that came after their time had been sealed, in order of arrival.</summary>
internal sealed class LateList
{
    public List<Reading> Readings { get; } = [];

    /// <summary>The time of the sensor's newest sealed reading when they were captured: windows that end by then have closed.</summary>
    public long SealedUntil { get; set; } = long.MinValue;
}
