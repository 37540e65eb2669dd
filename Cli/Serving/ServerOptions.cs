using SensorGrid.Cli.Settings;

namespace SensorGrid.Cli.Serving;

/// <summary>What <c>sensorgrid up</c> was asked for.</summary>
internal sealed record ServerOptions
{
    public required string DataFolder { get; init; }

    public required ServerSettings Settings { get; init; }

    public bool Demo { get; init; }
}
