using System.CommandLine;
using SensorGrid.Cli.Serving;

namespace SensorGrid.Cli.Commands;

internal static class UpCommand
{
    public static Command Create()
    {
        var data = CommonOptions.Data();
        var port = CommonOptions.Port();
        var bind = new Option<string>("--bind") { Description = "The address to serve on", DefaultValueFactory = _ => "127.0.0.1" };
        var postgres = new Option<string?>("--postgres") { Description = "Connection string of a Postgres of yours, in place of a private one" };
        var rules = new Option<FileInfo?>("--rules") { Description = "The rules of detectors (JSON); rules.json in the data folder where there is one" };
        var demo = new Option<bool>("--demo") { Description = "Feed it a simulated plant" };
        var command = new Command("up", "Serve, until Ctrl-C") { data, port, bind, postgres, rules, demo };
        command.SetAction((parsed, cancellation) => Server.RunAsync(
            new ServerOptions
            {
                DataFolder = parsed.GetRequiredValue(data).FullName,
                Port = parsed.GetValue(port),
                Bind = parsed.GetRequiredValue(bind),
                Postgres = parsed.GetValue(postgres),
                RulesFile = parsed.GetValue(rules)?.FullName,
                Demo = parsed.GetValue(demo),
            },
            parsed.InvocationConfiguration.Error,
            cancellation));
        return command;
    }
}
