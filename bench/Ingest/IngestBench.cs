using System.Globalization;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Ingest;

/// <summary>Sends the same bytes to two servers, in turns, and compares what becomes of them.</summary>
internal sealed class IngestBench(IngestOptions options, WorkFolder folder, Report report)
{
    /// <summary>Readings may be at most a day ahead of the clock.</summary>
    private const long MaxAheadMilliseconds = 20L * 3600 * 1000;

    /// <summary>More than any line takes in memory.</summary>
    private const int LineMemory = 96;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var medians = new List<(string Size, IReadOnlyList<IngestRun> Runs)>();
        foreach (var sensors in options.Sensors)
        {
            medians.Add(await RunSizeAsync(sensors, cancellation));
        }
        if (medians.Count > 1)
        {
            var table = new ReportTable("Ingest: median readings a second by size", ["size", .. medians[0].Runs.Select(run => run.Name), "share of the first size's rate"]);
            foreach (var (size, runs) in medians)
            {
                var share = IngestTables.MedianRate(runs[0]) / IngestTables.MedianRate(medians[0].Runs[0]);
                table.Add([size, .. runs.Select(run => Cell.Rate(IngestTables.MedianRate(run))), Cell.Number(share, 2)]);
            }
            report.Add(table);
        }
    }

    private async Task<(string Size, IReadOnlyList<IngestRun> Runs)> RunSizeAsync(int sensors, CancellationToken cancellation)
    {
        var size = sensors.ToString("N0", CultureInfo.InvariantCulture) + " sensors";
        var steps = options.Steps(sensors);
        RequireMemory((long)steps * sensors);
        var layout = new PlantLayout(sensors);
        var signal = new PlantSignal(sensors, options.Seed);
        var start = StartTime((long)options.Rounds * steps);
        var generator = new PayloadGenerator(layout, signal, start, options.Senders, options.Lines);
        var place = folder.Sub(sensors.ToString(CultureInfo.InvariantCulture));
        var runs = Servers(place).Select(server => new IngestRun(server)).ToArray();
        try
        {
            foreach (var run in runs)
            {
                await run.StartAsync(cancellation);
            }
            for (var round = 1; round <= options.Rounds; round++)
            {
                await RoundAsync(size, round, generator.Next(steps), runs, cancellation);
            }
            var sent = new SentReadings(sensors, signal, generator.Times);
            foreach (var run in runs)
            {
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
        report.Add(IngestTables.Resources(size, sensors, runs));
        folder.Done(place);
        return (size, runs);
    }

    private async Task RoundAsync(string size, int round, Payload payload, IngestRun[] runs, CancellationToken cancellation)
    {
        if (round == 1)
        {
            var request = payload.Sources[0][0];
            report.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{size}: rounds of {payload.Lines:N0} lines, {(double)payload.Bytes / payload.Lines:0.0} bytes a line, from {payload.Sources.Count} senders, {request.Lines:N0} lines a request"));
        }
        foreach (var run in runs)
        {
            foreach (var other in runs)
            {
                await other.SettleAsync(cancellation);
            }
            var result = await run.RoundAsync(payload, cancellation);
            report.Note($"{size}, round {round}: {run.Name} {Cell.Rate(result.Rate).Text}");
        }
    }

    private IEnumerable<ServerUnderTest> Servers(string place)
    {
        if (options.Silo is not null)
        {
            yield return new SiloServer(Path.Combine(place, "silo"), options.Silo);
        }
        if (options.Program is not null)
        {
            yield return new SensorGridServer(Path.Combine(place, "sensorgrid"), options.Program, name: options.Silo is null ? "SensorGrid" : "Embedded host");
        }
        if (options.VictoriaMetrics)
        {
            yield return new VictoriaMetricsServer(Path.Combine(place, "victoria-metrics"));
        }
    }

    /// <summary>Milliseconds since 1970: ahead of the clock rather than behind it, as to the clock sensors whose readings are old have fallen silent.</summary>
    public static long StartTime(long steps)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() * 1000;
        return now + Math.Min(0, MaxAheadMilliseconds - (steps * PayloadGenerator.StepMilliseconds));
    }

    /// <summary>Fails where readings made ready take too much of the memory.</summary>
    public static void RequireMemory(long readings)
    {
        if (readings * LineMemory > MachineFacts.AvailableMemoryBytes() / 2)
        {
            throw new BenchException($"{readings} readings a round take more than half of the memory that is free: give less with --readings");
        }
    }
}
