using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains;

/// <summary>A sensor: gets its readings from its machine's grain.</summary>
[PartitionPlacement]
[CollectionAgeLimit(Hours = 2)]
internal sealed class SensorGrain(IGrid grid, GridEngine engine, TwinGrains twins) : TwinGrain<SensorView>(3, grid), ISensorGrain, ISensorTwinGrain
{
    private Sensor? _seat;

    protected override Task<SensorView?> FindAsync(GridPath path) => Grid.GetSensorAsync(path.Factory, path.Machine!, path.Sensor!, CancellationToken.None);

    protected override IEnumerable<Flag> OpenFlags(SensorView twin) => twin.Flags;

    protected override bool TrySit(GridPath path)
    {
        if (engine.Catalog.Find(path.Factory, path.Machine!)?.Find(path.Sensor!) is not { } sensor)
        {
            return false;
        }
        twins.Sit(_seat = sensor, this);
        // Not before it sits: a partition that leaves looks at the seats.
        return engine.Owned[sensor.Machine.Partition] is not null;
    }

    protected override void Stand()
    {
        if (_seat is not null)
        {
            twins.Stand(_seat, this);
        }
    }
}
