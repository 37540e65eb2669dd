using SensorGrid.Engine;
using SensorGrid.Gateway;
using SensorGrid.Programs;

namespace SensorGrid.Silo;

/// <summary>All settings of a silo's program, in force.</summary>
internal sealed record SiloSettings(SiloOptions Silo, GatewayOptions Gateway, GridOptions Grid)
{
    /// <summary>In the order of their records.</summary>
    public static readonly IReadOnlyList<Setting> All = Setting.Of(new SiloOptions(), new GatewayOptions(), new GridOptions());

    /// <param name="file">Null for the one in the data folder, where there is one.</param>
    /// <param name="given">Names and values from the command line.</param>
    /// <exception cref="CommandException">One is wrong.</exception>
    public static SiloSettings Read(string dataFolder, string? file, IReadOnlyList<KeyValuePair<string, string>> given)
    {
        var settings = new SettingsReader(All).Read(dataFolder, file, given);
        try
        {
            var bound = new SiloSettings(settings.Get<SiloOptions>(), settings.Get<GatewayOptions>(), settings.Grid());
            bound.Grid.Validate();
            bound.Silo.Validate();
            bound.Gateway.Validate();
            return bound;
        }
        catch (ArgumentException fault)
        {
            throw new CommandException(fault.Message);
        }
    }
}
