using System.CommandLine;
using SensorGrid.Bench.Latency;

namespace SensorGrid.Bench.Commands;

internal static class LatencyCommand
{
    public static Command Create()
    {
        var rate = BenchCommandLine.Number("--rate", "Readings a second", 100_000);
        var sensors = BenchCommandLine.Number("--sensors", "Sensors", 10_000);
        var seconds = BenchCommandLine.Number("--seconds", "How long to measure", 30);
        var warmUp = BenchCommandLine.Number("--warm-up", "Seconds at the same rate before it", 10, least: 0);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var common = new BenchOptions();
        var command = new Command("latency", "From the write of a reading to its flag in the API, at a constant rate") { rate, sensors, seconds, warmUp, seed };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var options = new LatencyOptions(
                parsed.GetValue(rate),
                parsed.GetValue(sensors),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
                parsed.GetValue(seed),
                common.Program(parsed));
            return common.RunAsync(parsed, (folder, report) => new LatencyBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }
}
