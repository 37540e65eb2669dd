using System.CommandLine;
using System.Globalization;
using SensorGrid.Bench.Ingest;

namespace SensorGrid.Bench.Commands;

internal static class IngestCommand
{
    private const string SensorGrid = "sensorgrid";
    private const string VictoriaMetrics = "victoria-metrics";

    public static Command Create()
    {
        var sensors = Sizes();
        var readings = new Option<long?>("--readings") { Description = $"Readings a round; if left out 10,000,000 or a little more, and at least {IngestOptions.Cycle} a sensor" };
        var rounds = BenchCommandLine.Number("--rounds", "Rounds, in turns: one server, then the other", 5);
        var senders = BenchCommandLine.Number("--senders", "Connections, each with machines of its own", 2);
        var lines = BenchCommandLine.Number("--lines", "Lines a request", 10_000);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var servers = new Option<string[]>("--servers")
        {
            Description = "Which servers",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [SensorGrid, VictoriaMetrics],
        };
        servers.AcceptOnlyFromAmong(SensorGrid, VictoriaMetrics);
        var common = new BenchOptions();
        var command = new Command("ingest", "Line protocol into SensorGrid and into VictoriaMetrics, the same bytes")
        {
            sensors, readings, rounds, senders, lines, seed, servers,
        };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var chosen = parsed.GetRequiredValue(servers);
            var options = new IngestOptions(
                parsed.GetRequiredValue(sensors),
                parsed.GetValue(readings),
                parsed.GetValue(rounds),
                parsed.GetValue(senders),
                parsed.GetValue(lines),
                parsed.GetValue(seed),
                chosen.Contains(SensorGrid) ? common.Program(parsed) : null,
                chosen.Contains(VictoriaMetrics));
            return common.RunAsync(parsed, (folder, report) => new IngestBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }

    private static Option<int[]> Sizes() => new("--sensors")
    {
        Description = "Sizes, separated by commas",
        DefaultValueFactory = _ => [10_000, 100_000, 1_000_000],
        CustomParser = result =>
        {
            var sizes = result.Tokens.SelectMany(token => token.Value.Split(','))
                .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0).ToArray();
            if (sizes.Any(size => size is < 1 or > 2_000_000))
            {
                result.AddError("--sensors takes numbers from 1 to 2000000, separated by commas");
            }
            return sizes;
        },
    };
}
