using System.Globalization;
using SensorGrid.Bench.Ingest;
using SensorGrid.Bench.Latency;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Live;

/// <summary>Subscribers of live updates, in a process of their own, on the embedded host and on a cluster of silos.</summary>
internal sealed class LiveBench(LiveOptions options, WorkFolder folder, Report report)
{
    public const int MostSubscribers = 10_000;

    public async Task RunAsync(CancellationToken cancellation)
    {
        options.Pace.Validate();
        IngestBench.RequireMemory(options.Readings);
        var rules = folder.Sub("rules.json");
        await File.WriteAllTextAsync(rules, LatencyBench.Rules, cancellation);
        await MeasureAsync("embedded", place => StartServerAsync(place, rules, cancellation), cancellation);
        if (options.Silos > 0)
        {
            await MeasureAsync("silos", place => StartSilosAsync(place, rules, cancellation), cancellation);
        }
    }

    private async Task MeasureAsync(string name, Func<string, Task<IServers>> start, CancellationToken cancellation)
    {
        var place = folder.Sub(name);
        await using var servers = await start(place);
        var runs = new LiveRun(options, servers, Path.Combine(place, "samples"));
        // The sensors' first readings, and the program's first.
        await runs.LoadAsync(cancellation);
        var rows = new List<LiveRow> { await runs.WithoutAsync(cancellation) };
        foreach (var watched in options.Watched)
        {
            foreach (var count in options.Subscribers)
            {
                rows.Add(await runs.WithAsync(watched, count, cancellation));
                report.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{servers.Name}, {count:N0} of a {watched}: {rows[^1].Counts.Events / rows[^1].Time.TotalSeconds:N0} events/s, flags {rows[^1].Opened:N0} of {rows[^1].Raised:N0}"));
            }
        }
        rows.Add(await runs.WithoutAsync(cancellation));
        var found = await servers.CountAsync(cancellation);
        if (found != runs.Sent)
        {
            throw new BenchException($"{servers.Name}: {found} readings are counted, {runs.Sent} were sent");
        }
        report.Add(LiveTables.Events(servers.Name, options.Pace, rows));
        report.Add(LiveTables.Writes(servers.Name, options, rows));
        await servers.StopAsync();
        folder.Done(place);
    }

    private async Task<IServers> StartServerAsync(string place, string rules, CancellationToken cancellation)
    {
        var server = new OneServer(new SensorGridServer(place, [.. Room(), .. options.Program], rules, name: "Embedded host"));
        try
        {
            await server.StartAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task<IServers> StartSilosAsync(string place, string rules, CancellationToken cancellation) =>
        await SiloGroup.StartAsync(place, [.. Room(), .. options.Silo], options.Silos, cancellation, rules);

    // For the subscribers and the senders beside them.
    private string[] Room()
    {
        var streams = options.Subscribers.Max();
        return
        [
            "env", string.Create(CultureInfo.InvariantCulture, $"SENSORGRID_MaxLiveStreams={streams}"),
            string.Create(CultureInfo.InvariantCulture, $"SENSORGRID_MaxConnections={streams + options.Pace.Slices + 100}"),
        ];
    }
}
