using System.CommandLine;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Queries;
using SensorGrid.Bench.Replays;

namespace SensorGrid.Bench.Commands;

internal static class ReplayCommand
{
    private const int MaxSensors = PlantLayout.SensorsPerMachine * PlantLayout.MachinesPerFactory;

    public static Command Create()
    {
        var sensors = BenchCommandLine.Number("--sensors", "Sensors of the factory", 1000, QueryOptions.FastSensors + 1, MaxSensors);
        var rounds = BenchCommandLine.Number("--rounds", "Rounds of each measurement", 7);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var common = new BenchOptions();
        var command = new Command("replay", "A day of a factory through fresh twins, against merely decoding its segments") { sensors, rounds, seed };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var options = new ReplayOptions(parsed.GetValue(sensors), parsed.GetValue(rounds), parsed.GetValue(seed), common.Program(parsed));
            return common.RunAsync(parsed, (folder, report) => new ReplayBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }
}
