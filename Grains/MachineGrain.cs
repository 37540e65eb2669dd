using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains;

/// <summary>A machine: gets the readings of all its sensors from its partition, hears them, and gives each sensor's grain its own.</summary>
[PartitionPlacement]
[CollectionAgeLimit(Hours = 2)]
internal sealed class MachineGrain(IGrid grid, GridEngine engine, TwinGrains twins) : TwinGrain<MachineView>(2, grid), IMachineGrain, IMachineTwinGrain
{
    private Machine? _seat;

    protected override Task<MachineView?> FindAsync(GridPath path) => Grid.GetMachineAsync(path.Factory, path.Machine!, CancellationToken.None);

    protected override IEnumerable<Flag> OpenFlags(MachineView twin) => twin.Flags;

    protected override bool TrySit(GridPath path)
    {
        if (engine.Catalog.Find(path.Factory, path.Machine!) is not { } machine)
        {
            return false;
        }
        twins.Sit(_seat = machine, this);
        // Not before it sits: a partition that leaves looks at the seats.
        return engine.Owned[machine.Partition] is not null;
    }

    protected override void Stand()
    {
        if (_seat is not null)
        {
            twins.Stand(_seat, this);
        }
    }
}
