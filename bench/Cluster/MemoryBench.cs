using System.Globalization;
using SensorGrid.Bench.Ingest;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Cluster;

/// <summary>The resident memory of a silo's process before its first reading, and again whenever every sensor has had so many.</summary>
internal sealed class MemoryBench(ClusterOptions options, WorkFolder folder, Report report)
{
    private const int Sources = 2;

    /// <summary>Readings of a sensor that are made ready at a time.</summary>
    private const int MostSteps = 10;

    private const int Looks = 15;
    private const double Within = 0.005;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var last = options.MemoryReadings[^1];
        IngestBench.RequireMemory((long)Math.Min(last, MostSteps) * options.Memory);
        var place = folder.Sub("memory");
        await using var silo = new SiloServer(place, options.Silo);
        await silo.StartAsync(cancellation);
        var empty = await SettledAsync(silo, cancellation);
        var generator = new PayloadGenerator(
            new PlantLayout(options.Memory), new PlantSignal(options.Memory, options.Ingest.Seed), IngestBench.StartTime(last), Sources, options.Ingest.Lines);
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Resident memory of one silo's process, {options.Memory:N0} sensors, {Cell.MiB(empty).Text} before the first reading"),
            "readings of each sensor", "resident", "bytes a sensor beyond the empty silo", "at the peak");
        var sent = 0;
        foreach (var readings in options.MemoryReadings)
        {
            while (sent < readings)
            {
                var steps = Math.Min(readings - sent, MostSteps);
                await Senders.SendAsync(generator.Next(steps), [silo.Port], cancellation);
                sent += steps;
            }
            await silo.DrainAsync(cancellation);
            var resident = await SettledAsync(silo, cancellation);
            var peak = silo.Tree.RootPeakBytes();
            table.Add(Cell.Count(readings), Cell.MiB(resident), Cell.Count((resident - empty) / options.Memory), Cell.Count((peak - empty) / options.Memory));
            report.Note($"{readings} readings a sensor: {table.Rows[^1][1].Text}, {table.Rows[^1][2].Text} bytes a sensor");
        }
        var count = await silo.CountAsync(cancellation);
        if (count != (long)sent * options.Memory)
        {
            throw new BenchException($"the silo counts {count} readings, {(long)sent * options.Memory} were sent");
        }
        report.Add(table);
        await silo.StopAsync();
        folder.Done(place);
    }

    // What is left when neither work nor memory move any more.
    private async Task<long> SettledAsync(SiloServer silo, CancellationToken cancellation)
    {
        await silo.SettleAsync(cancellation);
        var figure = new SettledFigure(Looks, Within);
        for (var waited = TimeSpan.Zero; !figure.Look(silo.Tree.RootBytes()); waited += LookEvery)
        {
            if (waited > Patience)
            {
                report.Note($"the memory still moves after {Patience.TotalMinutes} minutes");
                break;
            }
            await Task.Delay(LookEvery, cancellation);
        }
        return silo.Tree.RootBytes();
    }
}
