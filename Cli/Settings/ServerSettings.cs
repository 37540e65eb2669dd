using SensorGrid.Engine;
using SensorGrid.Gateway;

namespace SensorGrid.Cli.Settings;

/// <summary>All settings of a server, in force.</summary>
/// <param name="Given">Those that are set, with where.</param>
internal sealed record ServerSettings(GridOptions Edge, GatewayOptions Gateway, ProgramOptions Program, IReadOnlyList<GivenSetting> Given)
{
    /// <summary>In the order of their records.</summary>
    public static readonly IReadOnlyList<Setting> All = Setting.Of(new ProgramOptions(), new GatewayOptions(), new GridOptions());

    /// <param name="file">Null for the one in the data folder, where there is one.</param>
    /// <param name="given">Names and values from the command line.</param>
    /// <exception cref="CommandException">One is wrong.</exception>
    public static ServerSettings Read(string dataFolder, string? file, IReadOnlyList<KeyValuePair<string, string>> given)
    {
        var settings = new SettingsReader(All).Read(dataFolder, file, given);
        try
        {
            var bound = new ServerSettings(settings.Grid(), settings.Get<GatewayOptions>(), settings.Get<ProgramOptions>(), settings.Given);
            bound.Edge.Validate();
            bound.Gateway.Validate();
            bound.Program.Validate();
            return bound;
        }
        catch (ArgumentException fault)
        {
            throw new CommandException(fault.Message);
        }
    }
}
