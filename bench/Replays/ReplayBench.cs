using System.Globalization;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Queries;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;
using SensorGrid.Historian;
using SensorGrid.Historian.Server;

namespace SensorGrid.Bench.Replays;

/// <summary>Replays a day of one factory, and in the same run reads and decodes the same segments without twins; then sends readings, alone and beside replays.</summary>
internal sealed class ReplayBench(ReplayOptions options, WorkFolder folder, Report report)
{
    private static readonly (string Name, string? Rules)[] Replays =
    [
        ("replay, the default detectors", null),
        ("replay, no detectors", """{"defaults":{}}"""),
    ];

    public async Task RunAsync(CancellationToken cancellation)
    {
        var layout = new PlantLayout(options.Sensors);
        var start = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - QueryOptions.Day) / 60_000 * 60_000;
        await using var postgres = await PrivatePostgres.StartAsync(new() { DataFolder = folder.Sub("postgres") }, cancellation);
        await using var server = new SensorGridServer(folder.Sub("sensorgrid"), options.Program, postgres: postgres.ConnectionString);
        await server.StartAsync(cancellation);
        var loader = new DayLoader(layout, new PlantSignal(layout.Sensors, options.Seed), start);
        var sender = new LineSender(server.Port, cancellation);
        await Task.Factory.StartNew(() => sender.Send(loader.Requests()), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        // So that all but the tails lies in Postgres.
        await server.StopAsync();
        await server.StartAsync(cancellation);
        await server.SettleAsync(cancellation);
        report.Note(string.Create(CultureInfo.InvariantCulture, $"{loader.Readings:N0} readings stored"));
        await using var database = new Database(postgres.ConnectionString);
        var rounds = new SegmentRounds(database, options.Sensors);
        var read = await MeasureAsync("read and decode", () => rounds.ReadAsync(cancellation));
        var decoded = await MeasureAsync("decode, from memory", () => Task.FromResult(rounds.Decode()));
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Replay of a day of {options.Sensors:N0} sensors, {loader.Readings:N0} readings; median of {options.Rounds} rounds"),
            "what", "readings a second", "to reading and decoding", "to decoding from memory");
        var replays = new ReplayOrders(server, start);
        void Add(string name, double rate) => table.Add(name, Cell.Rate(rate), Cell.Number(rate / read, 2), Cell.Number(rate / decoded, 2));
        Add("decode the segments, from memory", decoded);
        Add("read the segments from Postgres and decode them", read);
        foreach (var (name, rules) in Replays)
        {
            Add(name, await MeasureAsync(name, () => replays.RunAsync(rules, loader.Readings, cancellation)));
        }
        report.Add(table);
        report.Add(await new BesideReplay(server, replays, layout, options, report).MeasureAsync(start + QueryOptions.Day, cancellation));
        await server.StopAsync();
    }

    // Readings a second, after one round that warms up.
    private async Task<double> MeasureAsync(string name, Func<Task<(long Readings, TimeSpan Time)>> round)
    {
        var rates = new List<double>();
        for (var i = 0; i <= options.Rounds; i++)
        {
            var (readings, time) = await round();
            if (i > 0)
            {
                rates.Add(readings / time.TotalSeconds);
                report.Note($"{name}, round {i}: {Cell.Rate(rates[^1]).Text}");
            }
        }
        return new Sample(rates).Quantile(0.5);
    }
}
