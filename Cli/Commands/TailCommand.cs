using System.CommandLine;
using SensorGrid.Cli.Remote;
using SensorGrid.Cli.Tailing;

namespace SensorGrid.Cli.Commands;

internal static class TailCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "factory/machine/sensor, factory/machine or factory; * for any characters of a part" };
        var url = CommonOptions.Url();
        var command = new Command("tail", "Show readings and flags as they come, until Ctrl-C") { path, url };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = new RemoteServer(parsed.GetRequiredValue(url));
            await new TailRun(server, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, TimeProvider.System).RunAsync(parsed.GetRequiredValue(path), cancellation);
            return CommandLine.Done;
        });
        return command;
    }
}
