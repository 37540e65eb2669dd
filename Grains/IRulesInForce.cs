using SensorGrid.Core.Rules;

namespace SensorGrid.Grains;

/// <summary>The rules that a silo's detectors follow.</summary>
public interface IRulesInForce
{
    /// <summary>Puts other rules in force on this silo.</summary>
    Task UseAsync(RuleSet rules);
}
