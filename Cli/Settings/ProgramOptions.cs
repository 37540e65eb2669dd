using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Settings;

/// <summary>The settings of the program that puts the Gateway on the grid.</summary>
internal sealed record ProgramOptions
{
    /// <summary>Connection string of the user's own Postgres; null for a private one in the data folder.</summary>
    public string? Postgres { get; init; }

    /// <summary>Path of the rules of detectors; null for <c>rules.json</c> in the data folder where there is one, else the default rules.</summary>
    public string? Rules { get; init; }

    /// <summary>How long a stop may take before it is cut short.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <exception cref="ArgumentException">A setting is outside its range; the message names setting, value and rule.</exception>
    public void Validate()
    {
        if (StopPatience > TimeSpan.FromHours(1))
        {
            throw new ArgumentException($"{nameof(StopPatience)} is {Duration.Format(StopPatience)}: it must be at most 1h");
        }
    }
}
