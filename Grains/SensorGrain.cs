using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains;

/// <summary>A sensor: gets its readings from its machine's grain.</summary>
[PartitionPlacement]
[CollectionAgeLimit(Hours = 2)]
internal sealed class SensorGrain(IGrid grid, GridEngine engine, TwinGrains twins) : TwinGrain<SensorView>(3, grid, engine, twins), ISensorGrain, ISensorTwinGrain
{
    protected override Task<SensorView?> FindAsync(GridPath path) => Grid.GetSensorAsync(path.Factory, path.Machine!, path.Sensor!, CancellationToken.None);

    protected override IEnumerable<Flag> OpenFlags(SensorView twin) => twin.Flags;
}
