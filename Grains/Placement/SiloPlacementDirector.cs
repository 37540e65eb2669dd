using Orleans.Runtime.Placement;

namespace SensorGrid.Grains.Placement;

/// <summary>Chooses the silo of the key; where that is gone the silo that asks, on which the grain finds itself to be nobody's.</summary>
internal sealed class SiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) => Task.FromResult(
        SiloAddress.TryParse(target.GrainIdentity.Key.ToString(), null, out var silo) && context.GetCompatibleSilos(target).Contains(silo) ? silo : context.LocalSilo);
}
