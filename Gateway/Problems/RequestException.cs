namespace SensorGrid.Gateway.Problems;

/// <summary>A request that cannot be served, for a reason that its sender is to be told.</summary>
internal sealed class RequestException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;

    public static RequestException BadParameter(string parameter, string detail, IReadOnlyList<string>? allowed = null) =>
        new(new Problem(400, detail) { Parameter = parameter, Allowed = allowed });
}
