using Orleans.Runtime.Placement;

namespace SensorGrid.Grains.Placement;

/// <summary>Chooses silos by the map of partitions.</summary>
internal sealed class PartitionPlacementDirector(PartitionMap map) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint)
        {
            return Task.FromResult(hint);
        }
        var grain = target.GrainIdentity;
        if (GrainIdKeyExtensions.TryGetIntegerKey(grain, out var partition, out _))
        {
            return Task.FromResult(map.Spread(silos)[(int)partition]);
        }
        var owner = map.OwnerOf(grain.Key.ToString()!);
        return Task.FromResult(owner is not null && silos.Contains(owner) ? owner : silos[Random.Shared.Next(silos.Length)]);
    }
}
