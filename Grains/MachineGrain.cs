using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains;

/// <summary>A machine: gets the readings of all its sensors from its partition, hears them, and gives each sensor's grain its own.</summary>
[PartitionPlacement]
[CollectionAgeLimit(Hours = 2)]
internal sealed class MachineGrain(IGrid grid, GridEngine engine, TwinGrains twins) : TwinGrain<MachineView>(2, grid, engine, twins), IMachineGrain, IMachineTwinGrain
{
    protected override Task<MachineView?> FindAsync(GridPath path) => Grid.GetMachineAsync(path.Factory, path.Machine!, CancellationToken.None);

    protected override IEnumerable<Flag> OpenFlags(MachineView twin) => twin.Flags;
}
