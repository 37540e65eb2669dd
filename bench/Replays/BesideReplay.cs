using System.Diagnostics;
using System.Globalization;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Replays;

/// <summary>Sends new readings of the replayed sensors as fast as they are taken, in turn alone and while a replay runs.</summary>
internal sealed class BesideReplay(SensorGridServer server, ReplayOrders replays, PlantLayout layout, ReplayOptions options, Report report)
{
    private const int Readings = 3_000_000;
    private const int LinesPerRequest = 10_000;
    private const int Sources = 2;

    /// <param name="start">The first time to be sent, milliseconds since 1970.</param>
    public async Task<ReportTable> MeasureAsync(long start, CancellationToken cancellation)
    {
        var generator = new PayloadGenerator(layout, new PlantSignal(layout.Sensors, options.Seed), start, Sources, LinesPerRequest);
        var (alone, beside, replayed) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i <= options.Rounds; i++)
        {
            var rate = await SendAsync(generator.Next(Readings / layout.Sensors), cancellation);
            var (besideRate, replayRate) = await SendBesideAsync(generator.Next(Readings / layout.Sensors), cancellation);
            if (i > 0)
            {
                (alone, beside, replayed) = ([.. alone, rate], [.. beside, besideRate], [.. replayed, replayRate]);
                report.Note($"ingest, round {i}: {Cell.Rate(rate).Text} alone, {Cell.Rate(besideRate).Text} beside a replay");
            }
        }
        static double Median(List<double> rates) => new Sample(rates).Quantile(0.5);
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Ingest beside a replay; median of {options.Rounds} rounds of {Readings:N0} readings"),
            "what", "readings a second", "to alone");
        table.Add("ingest, alone", Cell.Rate(Median(alone)), Cell.Number(1, 2));
        table.Add("ingest, while a replay runs", Cell.Rate(Median(beside)), Cell.Number(Median(beside) / Median(alone), 2));
        table.Add("the replay meanwhile", Cell.Rate(Median(replayed)), Cell.Number(Median(replayed) / Median(alone), 2));
        return table;
    }

    private async Task<(double Ingest, double Replay)> SendBesideAsync(Payload payload, CancellationToken cancellation)
    {
        var replay = await replays.StartAsync(null, cancellation);
        var before = await replays.StateAsync(replay, cancellation);
        var watch = Stopwatch.StartNew();
        var rate = await SendAsync(payload, cancellation);
        var time = watch.Elapsed;
        var after = await replays.StateAsync(replay, cancellation);
        if (after.State != "running")
        {
            throw new BenchException("the replay ended before all was sent: take more sensors");
        }
        await replays.RemoveAsync(replay, cancellation);
        return (rate, (after.Readings - before.Readings) / time.TotalSeconds);
    }

    // Readings a second, until the twins have all of them.
    private async Task<double> SendAsync(Payload payload, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        await Senders.SendAsync(payload, [server.Port], cancellation);
        await server.DrainAsync(cancellation);
        return payload.Lines / watch.Elapsed.TotalSeconds;
    }
}
