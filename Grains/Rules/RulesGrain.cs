using SensorGrid.Grains.Placement;

namespace SensorGrid.Grains.Rules;

/// <summary>Answers for the rules of its silo.</summary>
[SiloPlacement]
internal sealed class RulesGrain(RulesWatch rules, ILocalSiloDetails silo) : SiloGrain(silo), IRulesGrain
{
    public Task<string?> GetNameAsync() => Task.FromResult(IsHere ? rules.Own : null);
}
