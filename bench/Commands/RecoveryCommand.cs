using System.CommandLine;
using SensorGrid.Bench.Recovery;

namespace SensorGrid.Bench.Commands;

internal static class RecoveryCommand
{
    public static Command Create()
    {
        var sensors = BenchCommandLine.Sizes(100_000, 1_000_000);
        var rounds = BenchCommandLine.Number("--rounds", "Kills of each size: of the server, and of the server with its Postgres, in turns", 2);
        var seconds = BenchCommandLine.Number("--seconds", "Load before each kill", 30);
        var senders = BenchCommandLine.Number("--senders", "Connections, each with machines of its own", 2);
        var lines = BenchCommandLine.Number("--lines", "Lines a request", 10_000);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var common = new BenchOptions();
        var command = new Command("recovery", "SIGKILL under full load, and the time until it is ready again with all that it acknowledged") { sensors, rounds, seconds, senders, lines, seed };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var options = new RecoveryOptions(
                parsed.GetRequiredValue(sensors), parsed.GetValue(rounds), parsed.GetValue(seconds), parsed.GetValue(senders), parsed.GetValue(lines),
                parsed.GetValue(seed), common.Program(parsed));
            return common.RunAsync(parsed, (folder, report) => new RecoveryBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }
}
