namespace SensorGrid.Cli.Serving;

/// <summary>What <c>sensorgrid up</c> was asked for.</summary>
internal sealed record ServerOptions
{
    public required string DataFolder { get; init; }

    public required int Port { get; init; }

    public required string Bind { get; init; }

    /// <summary>Connection string of the user's own Postgres; null for a private one in the data folder.</summary>
    public string? Postgres { get; init; }

    /// <summary>Null for <c>rules.json</c> in the data folder where there is one, else the default rules.</summary>
    public string? RulesFile { get; init; }

    public bool Demo { get; init; }
}
