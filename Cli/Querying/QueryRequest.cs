using SensorGrid.Core.Grid;

namespace SensorGrid.Cli.Querying;

/// <summary>What to ask for; times as the server reads them, null for its default.</summary>
internal sealed record QueryRequest(GridPath Path)
{
    public string? From { get; init; }

    public string? To { get; init; }

    public string? Window { get; init; }

    public AnswerFormat Format { get; init; }

    /// <summary>Readings instead of statistics.</summary>
    public bool IsRaw { get; init; }

    /// <summary>The most readings.</summary>
    public int Limit { get; init; } = 100_000;

    /// <summary>The twin's address, relative to the server's.</summary>
    public string Twin => "api/factories/" + Path.Factory
        + (Path.Machine is null ? "" : "/machines/" + Path.Machine)
        + (Path.Sensor is null ? "" : "/sensors/" + Path.Sensor);
}
