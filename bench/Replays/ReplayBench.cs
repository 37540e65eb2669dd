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
    private const string Reading = "read the segments from Postgres and decode them";
    private const string Decoding = "decode the segments, from memory";

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
        var replays = new ReplayOrders(server, start);
        var measured = await MeasureAsync(
        [
            (Reading, () => rounds.ReadAsync(cancellation)),
            (Decoding, () => Task.FromResult(rounds.Decode())),
            .. Replays.Select(r => (r.Name, (Func<Task<(long, TimeSpan)>>)(() => replays.RunAsync(r.Rules, loader.Readings, cancellation)))),
        ]);
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Replay of a day of {options.Sensors:N0} sensors, {loader.Readings:N0} readings; median of {options.Rounds} rounds"),
            "what", "readings a second", "to reading and decoding", "to decoding from memory");
        foreach (var (name, rates) in measured)
        {
            Cell Ratio(string to) => Cell.Number(new Sample([.. rates.Zip(measured[to], (rate, other) => rate / other)]).Quantile(0.5), 2);
            table.Add(name, Cell.Rate(new Sample(rates).Quantile(0.5)), Ratio(Reading), Ratio(Decoding));
        }
        report.Add(table);
        report.Add(await new BesideReplay(server, replays, layout, options, report).MeasureAsync(start + QueryOptions.Day, cancellation));
        await server.StopAsync();
    }

    // Readings a second in each round, in which all take turns, after one round that warms up.
    private async Task<Dictionary<string, List<double>>> MeasureAsync(IReadOnlyList<(string Name, Func<Task<(long Readings, TimeSpan Time)>> Run)> measured)
    {
        var rates = measured.ToDictionary(m => m.Name, _ => new List<double>());
        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var (name, run) in measured)
            {
                var (readings, time) = await run();
                if (round > 0)
                {
                    rates[name].Add(readings / time.TotalSeconds);
                    report.Note($"{name}, round {round}: {Cell.Rate(rates[name][^1]).Text}");
                }
            }
        }
        return rates;
    }
}
