using System.CommandLine;
using SensorGrid.Cli.Querying;
using SensorGrid.Cli.Remote;
using SensorGrid.Cli.Replaying;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Cli.Commands;

internal static class ReplayCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("PATH")
        {
            Description = "factory/machine/sensor, factory/machine or factory; * stands for any characters of a part",
            CustomParser = result =>
            {
                if (PathPattern.ParsePrefix(result.Tokens[0].Value) is null)
                {
                    result.AddError("PATH is factory/machine/sensor, each of A-Z a-z 0-9 . _ : - and *");
                }
                return result.Tokens[0].Value;
            },
        };
        var from = CommonOptions.Time("--from", "The beginning", relative: true);
        var to = CommonOptions.Time("--to", "The end, not contained", relative: true);
        from.Required = to.Required = true;
        var rules = new Option<FileInfo?>("--rules") { Description = "Other rules of detectors (JSON); else those in force" };
        var window = new Option<string?>("--window") { Description = "Also statistics, in windows of this size: 10s, 1m, 15m, 1h or 1d" };
        var format = CommonOptions.Choice("--format", "how to write the result; else table", "table", "csv", "json");
        var url = CommonOptions.Url();
        var command = new Command("replay", "Run a span of history through fresh twins, and compare the flags with those raised live")
        {
            path, from, to, rules, window, format, url,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var order = new ReplayOrder(
                parsed.GetRequiredValue(path), parsed.GetValue(from)!, parsed.GetValue(to)!, parsed.GetValue(window), parsed.GetValue(rules)?.FullName);
            var answer = parsed.GetValue(format) is { } name ? Enum.Parse<AnswerFormat>(name, ignoreCase: true) : AnswerFormat.Table;
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            using var server = new RemoteServer(parsed.GetRequiredValue(url));
            var isTerminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
            IReplayProgress progress = isTerminal ? new ReplayBar(error) : new ReplayLines(error, TimeProvider.System);
            await new ReplayCommandRun(server, output, error, progress, TimeProvider.System).RunAsync(order, answer, cancellation);
            return CommandLine.Done;
        });
        return command;
    }
}
