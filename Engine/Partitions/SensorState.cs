using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;

namespace SensorGrid.Engine.Partitions;

/// <summary>A sensor's twin as it is at one moment.</summary>
/// <param name="LateUntil">Its windows that begin at or before this lack late readings: the history has them right.</param>
internal sealed record SensorState(SensorView View, long LateUntil)
{
    public static SensorState Of(Partition partition, Sensor sensor)
    {
        if (partition.Twin(sensor.Id) is not { } twin)
        {
            return new SensorState(new SensorView(sensor.Path, sensor.Kind, null, [], [], default), long.MinValue);
        }
        var windows = new List<WindowView>();
        partition.Context.Windows(twin, (_, window, closed) => windows.Add(WindowViews.Of(window, closed)));
        return new SensorState(
            new SensorView(sensor.Path, sensor.Kind, twin.Last, windows, [.. partition.OpenFlags(twin)], partition.CountersOf(twin)), twin.LateUntil);
    }
}
