using SensorGrid.Engine;
using SensorGrid.Gateway;

namespace SensorGrid.Cli.Settings;

/// <summary>All settings of a server, in force.</summary>
/// <param name="Given">Those that are set, with where.</param>
internal sealed record ServerSettings(GridOptions Edge, GatewayOptions Gateway, ProgramOptions Program, IReadOnlyList<GivenSetting> Given);
