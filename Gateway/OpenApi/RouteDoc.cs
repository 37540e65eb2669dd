namespace SensorGrid.Gateway.OpenApi;

/// <summary>How a route is documented. The parts of its path come from its pattern.</summary>
internal sealed record RouteDoc(string Id, string Group, string Summary)
{
    public IReadOnlyList<ParameterDoc> Query { get; init; } = [];

    public BodyDoc? Body { get; init; }

    /// <summary>Answers other than problems.</summary>
    public required IReadOnlyList<AnswerDoc> Answers { get; init; }

    /// <summary>Statuses of problem details, with what they mean.</summary>
    public IReadOnlyList<(int Status, string Meaning)> Problems { get; init; } = [];
}
