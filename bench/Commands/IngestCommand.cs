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
        var sensors = BenchCommandLine.Sizes(10_000, 100_000, 1_000_000);
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
        var late = Share("--late", "Against the same readings in order: such a share of all readings, up to 30%, late, uniformly by up to an hour");
        var duplicates = Share("--duplicates", "Against the same readings in order: such a share of all readings, up to 30%, repeated, of up to an hour ago");
        var backfill = new Option<bool>("--backfill") { Description = "A day in shuffled hours against the same day in order, a reading of each sensor every 20 s; one round of 10,000 sensors unless told otherwise" };
        var common = new BenchOptions();
        var command = new Command("ingest", "Line protocol into SensorGrid and into VictoriaMetrics, the same bytes")
        {
            sensors, readings, rounds, senders, lines, seed, servers, late, duplicates, backfill,
        };
        command.Validators.Add(result =>
        {
            bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
            if (IsGiven(backfill) && (IsGiven(late) || IsGiven(duplicates) || IsGiven(readings)))
            {
                result.AddError("--backfill goes without --late, --duplicates and --readings");
            }
        });
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
            var disorder = new DisorderOptions(options with { Program = common.Program(parsed) }, parsed.GetValue(late), parsed.GetValue(duplicates));
            return common.RunAsync(parsed, (folder, report) => parsed.GetValue(backfill)
                ? new BackfillBench(OfBackfill(disorder.Ingest, parsed, sensors, rounds), folder, report).RunAsync(cancellation)
                : disorder.Late + disorder.Duplicates > 0
                ? new DisorderBench(disorder, folder, report).RunAsync(cancellation)
                : new IngestBench(options, folder, report).RunAsync(cancellation));
        });
        return command;
    }

    // A day is a long round already.
    private static IngestOptions OfBackfill(IngestOptions options, ParseResult parsed, Option sensors, Option rounds) => options with
    {
        Sensors = parsed.GetResult(sensors) is { Implicit: false } ? options.Sensors : [10_000],
        Rounds = parsed.GetResult(rounds) is { Implicit: false } ? options.Rounds : 1,
    };

    private static Option<double> Share(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (!text.EndsWith('%') || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
                || percent > 100 * DisorderOptions.MaxShare)
            {
                result.AddError($"{name} takes a percentage from 0% to 30%");
                return 0;
            }
            return percent / 100;
        },
    };
}
