using SensorGrid.Core.Grid;
using SensorGrid.Core.Rules;

namespace SensorGrid.Gateway.Problems;

/// <summary>An error answer as RFC 9457 has it: its type is about:blank, its title the status's phrase.</summary>
internal sealed record Problem(int Status, string Detail)
{
    /// <summary>The query parameter or the part of the path that is wrong.</summary>
    public string? Parameter { get; init; }

    /// <summary>The values that the parameter may have, where they can be listed.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What became of a body that had bad lines.</summary>
    public WriteReport? Report { get; init; }

    /// <summary>What is wrong with rules, and where.</summary>
    public IReadOnlyList<RuleError>? RuleErrors { get; init; }

    /// <summary>Under which the log has more.</summary>
    public string? RequestId { get; init; }
}
