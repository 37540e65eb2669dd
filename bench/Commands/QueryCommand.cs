using System.CommandLine;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Queries;

namespace SensorGrid.Bench.Commands;

internal static class QueryCommand
{
    private const int MaxSensors = PlantLayout.SensorsPerMachine * PlantLayout.MachinesPerFactory;

    public static Command Create()
    {
        var sensors = BenchCommandLine.Number("--sensors", "Sensors of the factory", 1000, QueryOptions.FastSensors + 1, MaxSensors);
        var requests = BenchCommandLine.Number("--requests", "Requests of each small query; a tenth of it of each large one", 200);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var common = new BenchOptions();
        var command = new Command("query", "Queries over one day of a factory") { sensors, requests, seed };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var options = new QueryOptions(parsed.GetValue(sensors), parsed.GetValue(requests), parsed.GetValue(seed), common.Program(parsed));
            return common.RunAsync(parsed, (folder, report) => new QueryBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }
}
