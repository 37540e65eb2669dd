using System.Globalization;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Ingest;

/// <summary>
/// The same readings into two servers in turns: in order, and with late or repeated ones beside them. A round of one begins when the other has merged what
/// its checkpoints have written of late readings.
/// </summary>
internal sealed class DisorderBench(DisorderOptions options, WorkFolder folder, Report report)
{
    private readonly IngestOptions _ingest = options.Ingest;

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var sensors in _ingest.Sensors)
        {
            await RunSizeAsync(sensors, cancellation);
        }
    }

    private async Task RunSizeAsync(int sensors, CancellationToken cancellation)
    {
        var size = sensors.ToString("N0", CultureInfo.InvariantCulture) + " sensors";
        var steps = _ingest.Steps(sensors);
        IngestBench.RequireMemory((long)(steps * (double)sensors * (1 + (1 / (1 - options.Late - options.Duplicates)))));
        var layout = new PlantLayout(sensors);
        var signal = new PlantSignal(sensors, _ingest.Seed);
        var start = IngestBench.StartTime((long)_ingest.Rounds * steps);
        PayloadGenerator Generator(Disorder? disorder) => new(layout, signal, start, _ingest.Senders, _ingest.Lines, disorder: disorder);
        var place = folder.Sub(sensors.ToString(CultureInfo.InvariantCulture));
        var sources = new[]
        {
            (Generator: Generator(new Disorder(options.Late, options.Duplicates, _ingest.Seed)), Run: Run(Path.Combine(place, "disorder"), options.Name)),
            (Generator: Generator(null), Run: Run(Path.Combine(place, "in-order"), "in order")),
        };
        IngestRun[] runs = [.. sources.Select(s => s.Run)];
        try
        {
            foreach (var run in runs)
            {
                await run.StartAsync(cancellation);
            }
            for (var round = 1; round <= _ingest.Rounds; round++)
            {
                foreach (var (generator, run) in sources)
                {
                    var payload = generator.Next(steps);
                    foreach (var other in runs)
                    {
                        await other.SettleAsync(cancellation);
                    }
                    var result = await run.RoundAsync(payload, cancellation);
                    report.Note($"{size}, round {round}: {run.Name} {Cell.Rate(result.Rate).Text}, until restated {Cell.Rate(result.RestatedRate).Text}");
                }
            }
            foreach (var (generator, run) in sources)
            {
                var sent = new SentReadings(sensors, signal, generator.Times);
                await run.VerifyAsync(sent, cancellation);
                await run.StopAsync();
                await run.VerifyAfterRestartAsync(sent, cancellation);
            }
        }
        finally
        {
            foreach (var run in runs)
            {
                await run.DisposeAsync();
            }
        }
        report.Add(IngestTables.Rounds(size, runs));
        report.Add(IngestTables.Restated(size, runs));
        report.Add(IngestTables.Resources(size, sensors, runs));
        folder.Done(place);
    }

    private IngestRun Run(string place, string name) => new(new SensorGridServer(place, _ingest.Program!), name);
}
