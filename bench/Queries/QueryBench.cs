using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Queries;

/// <summary>Times queries over one day of one factory, one after the other, each body read to its end.</summary>
internal sealed class QueryBench(QueryOptions options, WorkFolder folder, Report report)
{
    private readonly byte[] _buffer = new byte[128 * 1024];

    public async Task RunAsync(CancellationToken cancellation)
    {
        var layout = new PlantLayout(options.Sensors);
        var start = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - QueryOptions.Day) / 60_000 * 60_000;
        await using var server = new SensorGridServer(folder.Sub("sensorgrid"), options.Program);
        await server.StartAsync(cancellation);
        var loader = new DayLoader(layout, new PlantSignal(layout.Sensors, options.Seed), start);
        var sender = new LineSender(server.Port, cancellation);
        await Task.Factory.StartNew(() => sender.Send(loader.Requests()), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await server.DrainAsync(cancellation);
        var stored = await server.CountAsync(cancellation);
        if (stored != loader.Readings)
        {
            throw new BenchException($"SensorGrid counts {stored} readings, {loader.Readings} were sent");
        }
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Queries over one day of {layout.Sensors:N0} sensors, {stored:N0} readings"),
            "query", "requests", "p50", "p95", "bytes of an answer");
        await server.SettleAsync(cancellation);
        await AskAllAsync(server, table, start, cancellation);
        report.Add(table);
        await server.StopAsync();
    }

    private async Task AskAllAsync(SensorGridServer server, ReportTable table, long start, CancellationToken cancellation)
    {
        var day = $"from={SensorGridServer.Time(start)}&to={SensorGridServer.Time(start + QueryOptions.Day)}";
        var factory = $"/api/factories/{PlantLayout.Factory(0)}";
        var dense = $"{SensorGridServer.SensorPath(QueryOptions.FastSensors)}/readings?{day}&limit={QueryOptions.DenseReadings}";
        var (many, few) = (options.Requests, Math.Max(1, options.Requests / 10));
        Task AskAsync(string name, int requests, Func<int, string> query, string type = "application/json") =>
            AskManyAsync(server, table, name, requests, query, type, cancellation);

        await AskAsync("one sensor, a day at 1 min", many, i => $"{SensorGridServer.SensorPath(i % QueryOptions.FastSensors)}/stats?{day}&window=1m");
        await AskAsync("the factory's roll-up, a day at 1 h", few, _ => $"{factory}/stats?{day}&window=1h");
        await AskAsync("the factory's twin", many, _ => factory);
        await AskAsync("one sensor's twin", many, i => SensorGridServer.SensorPath(i * 7 % options.Sensors));
        await AskAsync("1,000,000 readings of one sensor, JSON", few, _ => dense);
        await AskAsync("1,000,000 readings of one sensor, CSV", few, _ => dense, "text/csv");
    }

    private async Task AskManyAsync(
        SensorGridServer server, ReportTable table, string name, int requests, Func<int, string> query, string type, CancellationToken cancellation)
    {
        var times = new List<double>();
        var bytes = 0L;
        // The first tenth warms up what compiles and caches.
        var warmUp = Math.Max(2, requests / 10);
        for (var i = 0; i < warmUp + requests; i++)
        {
            var watch = Stopwatch.StartNew();
            bytes = await AskAsync(server.Client, query(i), type, cancellation);
            if (i >= warmUp)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }
        var sample = new Sample(times);
        Cell Quantile(double share) => Cell.Milliseconds(TimeSpan.FromMilliseconds(sample.Quantile(share)));
        table.Add(name, Cell.Count(sample.Count), Quantile(0.5), Quantile(0.95), Cell.Count(bytes));
        report.Note($"{name}: p50 {Quantile(0.5).Text}");
    }

    private async Task<long> AskAsync(HttpClient client, string query, string type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, query);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException($"SensorGrid answered {(int)answer.StatusCode} to GET {query}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var bytes = 0L;
        for (int read; (read = await body.ReadAsync(_buffer, cancellation)) > 0;)
        {
            bytes += read;
        }
        return bytes;
    }
}
