using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A factory: pools what its machines' partitions tell, whenever it is asked.</summary>
internal sealed class FactoryGrain(IGrid grid) : PathGrain<FactoryView>(1, grid), IFactoryGrain
{
    protected override Task<FactoryView?> FindAsync(GridPath path) => Grid.GetFactoryAsync(path.Factory, CancellationToken.None);

    protected override IEnumerable<Flag> OpenFlags(FactoryView twin) => twin.Flags;
}
