using System.CommandLine;
using System.Globalization;
using SensorGrid.Cli.Serving;
using SensorGrid.Cli.Settings;
using SensorGrid.Gateway;

namespace SensorGrid.Cli.Commands;

internal static class UpCommand
{
    public static Command Create()
    {
        var data = ServingOptions.Data();
        var port = ServingOptions.Port();
        var bind = ServingOptions.Bind();
        var postgres = ServingOptions.Postgres();
        var rules = new Option<FileInfo?>("--rules") { Description = "The rules of detectors (JSON); rules.json in the data folder where there is one" };
        var demo = new Option<bool>("--demo") { Description = "Feed it a simulated plant" };
        // The script that starts this program starts a silo's instead.
        var cluster = new Option<bool>("--cluster") { Description = "Serve as the first silo of a cluster; its options: up --cluster --help" };
        var file = ServingOptions.SettingsFile();
        var set = ServingOptions.Settings();
        var command = new Command("up", "Serve, until Ctrl-C") { data, port, bind, postgres, rules, demo, cluster, file, set };
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(cluster))
            {
                throw new CommandException("a silo is a program of its own: ./sensorgrid up --cluster, or dotnet run --project Silo");
            }
            var folder = parsed.GetRequiredValue(data).FullName;
            (string Name, string? Value)[] options =
            [
                (nameof(GatewayOptions.Port), parsed.GetValue(port)?.ToString(CultureInfo.InvariantCulture)),
                (nameof(GatewayOptions.Bind), parsed.GetValue(bind)),
                (nameof(ProgramOptions.Postgres), parsed.GetValue(postgres)),
                (nameof(ProgramOptions.Rules), parsed.GetValue(rules)?.FullName),
            ];
            var given = (parsed.GetValue(set) ?? []).Concat(
                options.Where(o => o.Value is not null).Select(o => KeyValuePair.Create(o.Name, o.Value!)));
            var server = new ServerOptions
            {
                DataFolder = folder,
                Settings = ServerSettings.Read(folder, parsed.GetValue(file)?.FullName, [.. given]),
                Demo = parsed.GetValue(demo),
            };
            return Server.RunAsync(server, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }
}
