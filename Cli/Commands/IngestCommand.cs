using System.CommandLine;
using SensorGrid.Cli.Ingesting;
using SensorGrid.Cli.Remote;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Commands;

internal static class IngestCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Files of readings, .gz too; - for standard input",
            Arity = ArgumentArity.OneOrMore,
        };
        var format = CommonOptions.Choice("--format", "else told from each file's name or first bytes", "line", "csv", "json");
        var precision = CommonOptions.Choice("--precision", "the unit of times that are numbers", "ns", "us", "ms", "s");
        var factory = CommonOptions.Part("--factory", "The factory of readings that name none; of CSV else the name of the file's folder");
        var machine = CommonOptions.Part("--machine", "The machine of readings that name none; of CSV else the file's name");
        var sensor = CommonOptions.Part("--sensor", "The sensor of a CSV file of one sensor; else its column's name");
        var start = CommonOptions.Time("--start", $"The time of the first row of CSV without times; else {SendPlan.DefaultStart}", relative: false);
        var step = CommonOptions.Duration("--step", $"From row to row of a CSV file without times; else {Duration.Format(SendPlan.DefaultStep)}");
        var timeColumn = new Option<string?>("--time-column") { Description = "The CSV column with the times; else time, timestamp, datetime or date" };
        var url = CommonOptions.Url();
        var command = new Command("ingest", "Send files of readings to a running server")
        {
            files, format, factory, machine, sensor, start, step, timeColumn, precision, url,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = new IngestSettings
            {
                Format = parsed.GetValue(format) is { } name ? Enum.Parse<FileFormat>(name, ignoreCase: true) : null,
                Factory = parsed.GetValue(factory),
                Machine = parsed.GetValue(machine),
                Sensor = parsed.GetValue(sensor),
                Start = parsed.GetValue(start),
                Step = parsed.GetValue(step),
                TimeColumn = parsed.GetValue(timeColumn),
                Precision = parsed.GetValue(precision),
            };
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            using var server = new RemoteServer(parsed.GetRequiredValue(url));
            var run = new IngestRun(output, error, TimeProvider.System, Console.OpenStandardInput);
            var isTerminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
            return await run.RunAsync(server, parsed.GetRequiredValue(files), settings, isTerminal, cancellation);
        });
        return command;
    }
}
