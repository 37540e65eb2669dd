using System.Globalization;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Ingest;

/// <summary>One day of a plant, a reading of each sensor every 20 seconds, into empty servers: its hours in order, and shuffled.</summary>
internal sealed class BackfillBench(IngestOptions options, WorkFolder folder, Report report)
{
    private const int Hours = 24;
    private const int StepMilliseconds = 20_000;
    private const int HourMilliseconds = 3_600_000;

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var sensors in options.Sensors)
        {
            await RunSizeAsync(sensors, cancellation);
        }
    }

    /// <summary>The hours that a generator each has made, one behind the other.</summary>
    public static Payload Join(IReadOnlyList<Payload> hours) =>
        new([.. Enumerable.Range(0, hours[0].Sources.Count).Select(source => hours.SelectMany(hour => hour.Sources[source]).ToArray())]);

    private async Task RunSizeAsync(int sensors, CancellationToken cancellation)
    {
        const int Steps = HourMilliseconds / StepMilliseconds;
        IngestBench.RequireMemory((long)Hours * Steps * sensors);
        var size = sensors.ToString("N0", CultureInfo.InvariantCulture) + " sensors";
        var layout = new PlantLayout(sensors);
        var signal = new PlantSignal(sensors, options.Seed);
        var start = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / HourMilliseconds * HourMilliseconds) - (Hours * (long)HourMilliseconds);
        var generators = Enumerable.Range(0, Hours)
            .Select(hour => new PayloadGenerator(layout, signal, start + (hour * (long)HourMilliseconds), options.Senders, options.Lines, StepMilliseconds)).ToArray();
        Payload[] inOrder = [.. generators.Select(generator => generator.Next(Steps))];
        Payload[] shuffled = [.. inOrder];
        new Random(options.Seed).Shuffle(shuffled);
        var sent = new SentReadings(sensors, signal, sensor => [.. generators.SelectMany(generator => generator.Times(sensor))]);
        report.Note(string.Create(CultureInfo.InvariantCulture, $"{size}: a day of {inOrder.Sum(hour => hour.Lines):N0} readings, one of each sensor every {StepMilliseconds / 1000} s"));
        var runs = new List<IngestRun>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var (name, hours) in new[] { ("shuffled hours", shuffled), ("in order", inOrder) })
            {
                var place = folder.Sub($"{sensors}-{round}-{name.Replace(' ', '-')}");
                await using var run = new IngestRun(new SensorGridServer(place, options.Program!), name);
                await run.StartAsync(cancellation);
                await run.SettleAsync(cancellation);
                var result = await run.RoundAsync(Join(hours), cancellation);
                report.Note($"{size}, round {round}: {name} {Cell.Rate(result.Rate).Text}, until restated {Cell.Rate(result.RestatedRate).Text}");
                await run.VerifyAsync(sent, cancellation);
                await run.StopAsync();
                await run.VerifyAfterRestartAsync(sent, cancellation);
                folder.Done(place);
                runs.Add(run);
            }
            report.Add(IngestTables.Restated($"{size}, a day in round {round}", runs[^2..]));
            report.Add(IngestTables.Resources($"{size}, a day in round {round}", sensors, runs[^2..]));
        }
    }
}
