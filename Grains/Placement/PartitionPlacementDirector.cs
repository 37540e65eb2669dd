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
        var key = target.GrainIdentity.Key.ToString()!;
        // The key of a partition is its number; a path that is one, in Orleans' hexadecimal digits, is unknown.
        if (GrainIdKeyExtensions.TryGetIntegerKey(target.GrainIdentity, out var partition, out _) && partition >= 0 && partition < map.Owners.Count)
        {
            return Task.FromResult(map.Spread(silos)[(int)partition]);
        }
        var owner = map.OwnerOf(key);
        return Task.FromResult(owner is not null && silos.Contains(owner) ? owner : silos[Random.Shared.Next(silos.Length)]);
    }
}
