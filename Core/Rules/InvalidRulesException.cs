namespace SensorGrid.Core.Rules;

/// <summary>A rules file has errors: all of them, so that they can be mended at once. The rules in force stay in force.</summary>
public sealed class InvalidRulesException(IReadOnlyList<RuleError> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<RuleError> Errors { get; } = errors;
}
