using System.CommandLine;
using SensorGrid.Bench.Ingest;

namespace SensorGrid.Bench.Commands;

internal static class ClusterCommand
{
    public static Command Create()
    {
        var sensors = BenchCommandLine.Sizes(100_000);
        var rounds = BenchCommandLine.Number("--rounds", "Rounds, in turns: the embedded host, then the silo", 5);
        var senders = BenchCommandLine.Number("--senders", "Connections, each with machines of its own", 2);
        var lines = BenchCommandLine.Number("--lines", "Lines a request", 10_000);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var silo = new Option<string?>("--silo-command")
        {
            Description = "The command that runs a silo, its words separated by blanks; ./sensorgrid bench cluster gives it",
            Required = true,
        };
        var common = new BenchOptions();
        var command = new Command("cluster", "Line protocol into one silo and into the embedded host, the same bytes") { sensors, rounds, senders, lines, seed, silo };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var options = new IngestOptions(
                parsed.GetRequiredValue(sensors), null, parsed.GetValue(rounds), parsed.GetValue(senders), parsed.GetValue(lines), parsed.GetValue(seed),
                common.Program(parsed), false, parsed.GetRequiredValue(silo)!.Split(' '));
            return common.RunAsync(parsed, (folder, report) => new IngestBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }
}
