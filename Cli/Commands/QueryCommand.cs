using System.CommandLine;
using SensorGrid.Cli.Querying;
using SensorGrid.Cli.Remote;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;

namespace SensorGrid.Cli.Commands;

internal static class QueryCommand
{
    public static Command Create()
    {
        var path = new Argument<GridPath>("PATH")
        {
            Description = "factory/machine/sensor, factory/machine or factory",
            CustomParser = result =>
            {
                if (result.Tokens[0].Value.Split('/') is { Length: <= 3 } parts && parts.All(part => PathPart.IsValid(part)))
                {
                    return new GridPath(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2));
                }
                result.AddError("PATH is factory/machine/sensor, each of A-Z a-z 0-9 . _ : -");
                return default;
            },
        };
        var from = CommonOptions.Time("--from", "The beginning; else an hour before the end", relative: true);
        var to = CommonOptions.Time("--to", "The end, not contained; without --from and --to the newest reading, contained", relative: true);
        var window = new Option<string?>("--window") { Description = "The windows' size: 10s, 1m, 15m, 1h or 1d; else 1m" };
        var format = CommonOptions.Choice("--format", "how to write the answer; else table", "table", "csv", "json");
        var raw = new Option<bool>("--raw") { Description = "Readings instead of statistics" };
        var limit = CommonOptions.Number("--limit", "With --raw: the most readings; else 100000", 1, 10_000_000);
        var url = CommonOptions.Url();
        var command = new Command("query", "Show statistics of a sensor, machine or factory, or a sensor's readings")
        {
            path, from, to, window, format, raw, limit, url,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(raw))
            {
                if (result.GetResult(window) is not null)
                {
                    result.AddError("--window does not go with --raw");
                }
                else if (result.GetResult(path)?.Errors.Any() != true && result.GetValue(path).Sensor is null)
                {
                    result.AddError("--raw needs a sensor: factory/machine/sensor");
                }
            }
            else if (result.GetResult(limit) is not null)
            {
                result.AddError("--limit goes with --raw");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = new QueryRequest(parsed.GetValue(path))
            {
                From = parsed.GetValue(from),
                To = parsed.GetValue(to),
                Window = parsed.GetValue(window),
                Format = parsed.GetValue(format) is { } name ? Enum.Parse<AnswerFormat>(name, ignoreCase: true) : AnswerFormat.Table,
                IsRaw = parsed.GetValue(raw),
            };
            request = parsed.GetValue(limit) is { } most ? request with { Limit = most } : request;
            using var server = new RemoteServer(parsed.GetRequiredValue(url));
            await new QueryRun(server, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error).RunAsync(request, cancellation);
            return CommandLine.Done;
        });
        return command;
    }
}
