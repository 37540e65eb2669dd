using System.CommandLine;
using SensorGrid.Bench.Latency;
using SensorGrid.Bench.Live;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Commands;

internal static class LiveCommand
{
    public static Command Create()
    {
        var sensors = BenchCommandLine.Number("--sensors", "Sensors, a hundred to a machine", 10_000, PlantLayout.SensorsPerMachine, 1_000_000);
        var subscribers = Subscribers();
        var watched = Watched();
        var rate = BenchCommandLine.Number("--rate", "Readings a second while events are counted", 10_000);
        var seconds = BenchCommandLine.Number("--seconds", "For how long they are", 20);
        var warmUp = BenchCommandLine.Number("--warm-up", "Seconds at the same rate before it", 5, least: 0);
        var readings = BenchCommandLine.Number("--readings", "Readings of a load of all that can be sent", 5_000_000);
        var seed = BenchCommandLine.Number("--seed", "Of the values", 1);
        var silos = BenchCommandLine.Number("--silos", "Silos of a cluster, after the embedded host; 0 for none", 0, least: 0, most: 16);
        var silo = new Option<string?>("--silo-command")
        {
            Description = "The command that runs a silo, its words separated by blanks; ./sensorgrid bench live --silos N gives it",
        };
        var common = new BenchOptions();
        var command = new Command("live", "Subscribers of /api/live: what they get, how late, and what that costs the writes")
        {
            sensors, subscribers, watched, rate, seconds, warmUp, readings, seed, silos, silo,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(silos) > 0 && result.GetValue(silo) is null)
            {
                result.AddError("--silos needs --silo-command");
            }
        });
        common.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            TimeSpan Seconds(Option<int> option) => TimeSpan.FromSeconds(parsed.GetValue(option));
            var pace = new LatencyOptions(parsed.GetValue(rate), parsed.GetValue(sensors), Seconds(seconds), Seconds(warmUp), parsed.GetValue(seed), []);
            var options = new LiveOptions(
                pace, parsed.GetRequiredValue(subscribers), parsed.GetRequiredValue(watched), parsed.GetValue(readings), common.Program(parsed), parsed.GetValue(silos),
                parsed.GetValue(silo)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []);
            return common.RunAsync(parsed, (folder, report) => new LiveBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }

    private static Option<int[]> Subscribers() => new("--subscribers")
    {
        Description = "How many, numbers separated by commas for one after the other",
        DefaultValueFactory = _ => [1, 100, 1000],
        CustomParser = result =>
        {
            int[] given = [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(text => int.TryParse(text, out var number) ? number : 0)];
            if (given.Any(number => number is < 1 or > LiveBench.MostSubscribers))
            {
                result.AddError($"--subscribers takes numbers from 1 to {LiveBench.MostSubscribers}, separated by commas");
            }
            return given;
        },
    };

    private static Option<string[]> Watched() => new("--watched")
    {
        Description = $"What each of them watches, one after the other: {LiveOptions.Plant}, all of it; {LiveOptions.Machine}, one machine, which are dealt out",
        DefaultValueFactory = _ => [.. LiveOptions.AllWatched],
        CustomParser = result =>
        {
            var given = result.Tokens.SelectMany(token => token.Value.Split(',')).ToArray();
            if (given.Except(LiveOptions.AllWatched).Any())
            {
                result.AddError($"--watched takes some of {string.Join(", ", LiveOptions.AllWatched)}");
            }
            return given;
        },
    };
}
