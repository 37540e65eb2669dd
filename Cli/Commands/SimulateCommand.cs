using System.CommandLine;
using SensorGrid.Cli.Remote;
using SensorGrid.Cli.Simulation;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Commands;

internal static class SimulateCommand
{
    private static readonly TimeSpan DefaultHistory = TimeSpan.FromMinutes(15);

    public static Command Create()
    {
        var factories = CommonOptions.Number("--factories", "How many factories; else 2", 1, 1000);
        var machines = CommonOptions.Number("--machines", "How many machines in all; else 24", 1, 100_000);
        var rate = CommonOptions.Number("--rate", "Readings of a sensor a second; else 1", 1, 1000);
        var seed = CommonOptions.Number("--seed", "Another one gives another plant; else 1", 0, int.MaxValue);
        var history = CommonOptions.Duration("--history", $"How much to send from before now, at once; else {Duration.Format(DefaultHistory)}");
        var duration = CommonOptions.Duration("--duration", "How long to run; else until Ctrl-C");
        var url = CommonOptions.Url();
        var command = new Command("simulate", "Send the readings of a simulated plant, with faults, to a running server")
        {
            factories, machines, rate, seed, history, duration, url,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = new PlantSettings
            {
                Factories = parsed.GetValue(factories) ?? 2,
                Machines = parsed.GetValue(machines) ?? 24,
                Seed = parsed.GetValue(seed) ?? 1,
            };
            using var server = new RemoteServer(parsed.GetRequiredValue(url));
            var run = new SimulateRun(server, parsed.InvocationConfiguration.Output, TimeProvider.System);
            var step = TimeSpan.FromSeconds(1) / (parsed.GetValue(rate) ?? 1);
            await run.RunAsync(settings, step, parsed.GetValue(history) ?? DefaultHistory, parsed.GetValue(duration), cancellation);
            return CommandLine.Done;
        });
        return command;
    }
}
