using SensorGrid.Cli.Settings;
using SensorGrid.Gateway;

namespace SensorGrid.Cli.Doctor;

internal static class SettingsHealth
{
    private const string Subject = "settings";

    /// <summary>The Gateway's settings, the defaults where there are faults.</summary>
    public static (GatewayOptions Gateway, Finding Finding) Read(string data, string? file, IReadOnlyList<KeyValuePair<string, string>> given)
    {
        try
        {
            var settings = ServerSettings.Read(data, file, given);
            // A connection string may hold a password.
            var seen = settings.Given.Select(g => $"{g.Setting.Name}={(g.Setting.Name == nameof(ProgramOptions.Postgres) ? "..." : g.Text)} ({g.Source})");
            return (settings.Gateway, new Finding(Health.Ok, Subject, settings.Given.Count == 0 ? "all default" : string.Join(", ", seen)));
        }
        catch (CommandException fault)
        {
            return (new GatewayOptions(), new Finding(Health.Fail, Subject, "wrong", fault.Message));
        }
    }
}
