using System.CommandLine;
using SensorGrid.Bench.Cluster;
using SensorGrid.Bench.Ingest;
using SensorGrid.Bench.Latency;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Commands;

internal static class ClusterCommand
{
    public static Command Create()
    {
        var parts = Parts();
        var sensors = BenchCommandLine.Number("--sensors", "Sensors, but for the memory", 100_000, PlantLayout.SensorsPerMachine, 2_000_000);
        var readings = new Option<long?>("--readings") { Description = $"Readings a round of edge and silos; if left out 10,000,000 or a little more, and at least {IngestOptions.Cycle} a sensor" };
        var rounds = BenchCommandLine.Number("--rounds", "Rounds of edge and silos, in turns", 5);
        var lines = BenchCommandLine.Number("--lines", "Lines a request", 10_000);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var rate = BenchCommandLine.Number("--rate", "Readings a second of latency", 50_000);
        var seconds = BenchCommandLine.Number("--seconds", "How long latency is measured", 30);
        var warmUp = BenchCommandLine.Number("--warm-up", "Seconds at the same rate before it", 20, least: 0);
        var memory = BenchCommandLine.Number("--memory-sensors", "Sensors of which the memory is looked at", 200_000, most: 2_000_000);
        var memoryReadings = MemoryReadings();
        var kills = BenchCommandLine.Number("--kills", "How often a silo is killed, and how often one is frozen", 3);
        var load = BenchCommandLine.Number("--load-seconds", "Load before each of that", 20);
        var silo = new Option<string?>("--silo-command")
        {
            Description = "The command that runs a silo, its words separated by blanks; ./sensorgrid bench cluster gives it",
            Required = true,
        };
        var common = new BenchOptions();
        var command = new Command("cluster", "Silos: against the embedded host, latency, several of them, memory of a sensor, and the death of one")
        {
            parts, sensors, readings, rounds, lines, seed, rate, seconds, warmUp, memory, memoryReadings, kills, load, silo,
        };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var program = parsed.GetRequiredValue(silo)!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            TimeSpan Seconds(Option<int> option) => TimeSpan.FromSeconds(parsed.GetValue(option));
            var ingest = new IngestOptions(
                [parsed.GetValue(sensors)], parsed.GetValue(readings), parsed.GetValue(rounds), 2, parsed.GetValue(lines), parsed.GetValue(seed), common.Program(parsed), false, program);
            var latency = new LatencyOptions(parsed.GetValue(rate), parsed.GetValue(sensors), Seconds(seconds), Seconds(warmUp), parsed.GetValue(seed), program, IsSilo: true);
            var options = new ClusterOptions(ingest, latency, parsed.GetValue(memory), parsed.GetRequiredValue(memoryReadings), parsed.GetValue(kills), Seconds(load), program);
            return common.RunAsync(parsed, (folder, report) => new ClusterBench(options, folder, report).RunAsync(parsed.GetRequiredValue(parts), cancellation));
        });
        return command;
    }

    private static Option<string[]> Parts() => new("--parts")
    {
        Description = "Which parts, separated by commas",
        DefaultValueFactory = _ => [.. ClusterBench.Parts],
        CustomParser = result =>
        {
            var given = result.Tokens.SelectMany(token => token.Value.Split(',')).ToArray();
            if (given.Except(ClusterBench.Parts).Any())
            {
                result.AddError($"--parts takes some of {string.Join(", ", ClusterBench.Parts)}");
            }
            return given;
        },
    };

    private static Option<int[]> MemoryReadings() => new("--memory-readings")
    {
        Description = "Readings of each sensor after which its memory is looked at, separated by commas, rising",
        DefaultValueFactory = _ => [1, 5, 20, 100],
        CustomParser = result =>
        {
            int[] given = [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(text => int.TryParse(text, out var number) ? number : 0)];
            if (given.Any(number => number < 1) || !given.Order().Distinct().SequenceEqual(given))
            {
                result.AddError("--memory-readings takes rising numbers from 1 on, separated by commas");
            }
            return given;
        },
    };
}
