using SensorGrid.Engine;
using SensorGrid.Grains.Placement;

namespace SensorGrid.Grains.Partitions;

/// <summary>Answers for its silo.</summary>
[SiloPlacement]
internal sealed class StoreGrain(GridEngine engine, ILocalSiloDetails silo) : SiloGrain(silo), IStoreGrain
{
    public Task<bool> IsReachedAsync() => Task.FromResult(IsHere && engine.IsCurrent);
}
