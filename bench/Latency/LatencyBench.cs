using System.Globalization;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Latency;

/// <summary>From the write of a reading beyond its limit to its flag in the API, at a constant rate of readings.</summary>
internal sealed class LatencyBench(LatencyOptions options, WorkFolder folder, Report report)
{
    /// <summary>Beyond all that the plant's signal can reach.</summary>
    public const string Rules = """{ "rules": [{ "limits": { "h": 1000 } }] }""";

    public async Task RunAsync(CancellationToken cancellation)
    {
        options.Validate();
        var layout = new PlantLayout(options.ReadingsPerRequest * options.Slices);
        var signal = new PlantSignal(layout.Sensors, options.Seed);
        var writer = new LineWriter(layout);
        var rules = folder.Sub("rules.json");
        await File.WriteAllTextAsync(rules, Rules, cancellation);
        var place = folder.Sub("latency");
        await using var server = options.IsSilo ? new SiloServer(place, options.Program, rules) : new SensorGridServer(place, options.Program, rules);
        await server.StartAsync(cancellation);
        var watcher = new FlagWatcher(server.Client);
        var watching = watcher.RunAsync(cancellation);
        var clock = new LatencyClock(options.WarmUp + options.Duration);
        var cpu = server.Tree.CpuTime();
        var sources = Enumerable.Range(0, options.Slices).Select(slice => new PacedSource(options, signal, writer, clock, slice, watcher.Watch)).ToArray();
        await Task.WhenAll(sources.Select(source =>
            Task.Factory.StartNew(() => source.Run(server.Port, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var spent = server.Tree.CpuTime() - cpu;
        watcher.Complete();
        await watching;
        await server.StopAsync();
        AddTables(server.Name, layout, sources, watcher, spent);
        folder.Done(place);
    }

    private void AddTables(string name, PlantLayout layout, PacedSource[] sources, FlagWatcher watcher, TimeSpan cpu)
    {
        var load = string.Create(
            CultureInfo.InvariantCulture, $"{options.Rate:N0} readings/s of {layout.Sensors:N0} sensors for {options.Duration.TotalSeconds} s, {options.ReadingsPerRequest:N0} a request");
        var table = new ReportTable($"Latency, {name}, {load}", "from the time of the write to", "count", "p50", "p90", "p99", "max");
        Add(table, "its flag in the API", new Sample(watcher.Latencies));
        Add(table, "its answer", new Sample(sources.SelectMany(source => source.Answers)));
        report.Add(table);
        var share = cpu / (options.WarmUp + options.Duration);
        report.Note(string.Create(CultureInfo.InvariantCulture, $"CPU of the server, Postgres included: {share:0.00} cores"));
    }

    private static void Add(ReportTable table, string what, Sample sample)
    {
        Cell Quantile(double share) => Cell.Milliseconds(TimeSpan.FromMilliseconds(sample.Quantile(share)));
        table.Add(what, Cell.Count(sample.Count), Quantile(0.5), Quantile(0.9), Quantile(0.99), Quantile(1));
    }
}
