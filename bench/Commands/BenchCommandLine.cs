using System.CommandLine;
using System.Globalization;

namespace SensorGrid.Bench.Commands;

/// <summary>The benches, each a command of its own.</summary>
internal static class BenchCommandLine
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>Servers stop cleanly when the bench is interrupted, which may take them a while.</summary>
    private static readonly TimeSpan MaxCleanUp = TimeSpan.FromMinutes(11);

    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Measures sensorgrid.")
        {
            IngestCommand.Create(),
            DiskCommand.Create(),
            LatencyCommand.Create(),
            QueryCommand.Create(),
            ReplayCommand.Create(),
            RecoveryCommand.Create(),
            ClusterCommand.Create(),
            LiveCommand.Create(),
            MicroCommand.Create(),
            SubscribeCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            await error.WriteLineAsync($"bench: {first.Message.TrimEnd('.')}: see ./sensorgrid bench --help");
            return WrongUsage;
        }
        try
        {
            return await parsed.InvokeAsync(
                new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = MaxCleanUp });
        }
        catch (BenchException e)
        {
            await error.WriteLineAsync($"bench: {e.Message}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("bench: interrupted");
            return Failed;
        }
    }

    /// <summary>An option that takes a whole number.</summary>
    public static Option<int> Number(string name, string description, int preset, int least = 1, int most = int.MaxValue)
    {
        var wanted = most == int.MaxValue ? $"from {least} on" : $"from {least} to {most}";
        return new Option<int>(name)
        {
            Description = description,
            DefaultValueFactory = _ => preset,
            CustomParser = result =>
            {
                var isNumber = int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
                if (!isNumber || number < least || number > most)
                {
                    result.AddError($"{name} takes a whole number {wanted}");
                }
                return number;
            },
        };
    }

    /// <summary>The option of how many sensors, several numbers for one run after the other.</summary>
    public static Option<int[]> Sizes(params int[] preset) => new("--sensors")
    {
        Description = "Sizes, separated by commas",
        DefaultValueFactory = _ => preset,
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
