namespace SensorGrid.Core.Rules;

/// <summary>What is wrong with a rules file, and where.</summary>
/// <param name="Path">Such as <c>rules[2].limits.h</c>; for text that is no JSON, the line.</param>
public sealed record RuleError(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}
