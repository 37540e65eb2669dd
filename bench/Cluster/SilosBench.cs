using System.Diagnostics;
using System.Globalization;
using SensorGrid.Bench.Ingest;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Cluster;

/// <summary>Sends the same bytes to clusters of one, two and three silos on this machine, in turns, and looks where partitions and grains lie afterwards.</summary>
internal sealed class SilosBench(ClusterOptions options, WorkFolder folder, Report report)
{
    private const int MostSilos = 3;

    /// <summary>So many that each of two or three silos has as many of them.</summary>
    private const int Sources = 24;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var steps = options.Ingest.Steps(options.Sensors);
        IngestBench.RequireMemory((long)steps * options.Sensors);
        var place = folder.Sub("silos");
        var groups = new List<SiloGroup>();
        try
        {
            for (var silos = 1; silos <= MostSilos; silos++)
            {
                groups.Add(await SiloGroup.StartAsync(Path.Combine(place, silos.ToString(CultureInfo.InvariantCulture)), options.Silo, silos, cancellation));
            }
            await MeasureAsync(groups, steps, cancellation);
            // Last: Orleans measures every call of a grain once its dashboard was asked.
            await SpreadAsync(groups, cancellation);
            await Task.WhenAll(groups.Select(g => g.StopAsync()));
        }
        finally
        {
            foreach (var group in groups)
            {
                await group.DisposeAsync();
            }
        }
        folder.Done(place);
    }

    private async Task MeasureAsync(List<SiloGroup> groups, int steps, CancellationToken cancellation)
    {
        var start = IngestBench.StartTime((long)options.Ingest.Rounds * steps);
        var generator = new PayloadGenerator(
            new PlantLayout(options.Sensors), new PlantSignal(options.Sensors, options.Ingest.Seed), start, Sources, options.Ingest.Lines);
        var rounds = groups.Select(_ => new List<SilosRound>()).ToArray();
        var sent = 0L;
        for (var round = 1; round <= options.Ingest.Rounds; round++)
        {
            var payload = generator.Next(steps);
            sent += payload.Lines;
            for (var i = 0; i < groups.Count; i++)
            {
                await Task.WhenAll(groups.Select(g => g.SettleAsync(cancellation)));
                rounds[i].Add(await RoundAsync(groups[i], payload, cancellation));
                var last = rounds[i][^1];
                report.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}: {groups[i].Name} {Cell.Rate(last.Rate).Text}, {last.Readings / last.Batches:F1} readings a batch of a grain, {last.Readings / last.Rows:F0} a row of the log"));
            }
        }
        foreach (var group in groups)
        {
            var count = await group.Silos[^1].CountAsync(cancellation);
            if (count != sent)
            {
                throw new BenchException($"{group.Name} count {count} readings, {sent} were sent");
            }
        }
        AddTable(groups, rounds);
    }

    private static async Task<SilosRound> RoundAsync(SiloGroup group, Payload payload, CancellationToken cancellation)
    {
        var (batches, rows) = await CountsAsync(group, cancellation);
        var cpu = group.CpuTime();
        var watch = Stopwatch.StartNew();
        var retries = await Senders.SendAsync(payload, group.Ports, cancellation);
        await group.DrainAsync(cancellation);
        var (time, used) = (watch.Elapsed, group.CpuTime() - cpu);
        var (batchesAfter, rowsAfter) = await CountsAsync(group, cancellation);
        return new SilosRound(payload.Lines, time, used, batchesAfter - batches, rowsAfter - rows, retries);
    }

    private static async Task<(double Batches, double Rows)> CountsAsync(SiloGroup group, CancellationToken cancellation) =>
        (await group.CountAsync("sensorgrid_grains_batches_total", cancellation), await group.CountAsync("sensorgrid_log_rows_total", cancellation));

    private void AddTable(List<SiloGroup> groups, List<SilosRound>[] rounds)
    {
        string[] columns = ["round", .. groups.SelectMany((group, i) => new[] { group.Name, $"{group.Name}, CPU a reading", $"{group.Name}, to one silo" }.Take(i == 0 ? 2 : 3))];
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Silos of one machine, {options.Sensors:N0} sensors, {rounds[0][0].Readings:N0} readings a round: readings a second"), columns);
        void Add(string name, Func<Func<int, double>, double> of)
        {
            Cell[] Figures(int i) => [Cell.Rate(of(r => rounds[i][r].Rate)), Cell.Nanoseconds(of(r => rounds[i][r].CpuEach)), Cell.Number(of(r => rounds[i][r].Rate / rounds[0][r].Rate), 2)];
            table.Add([name, .. groups.SelectMany((_, i) => Figures(i).Take(i == 0 ? 2 : 3))]);
        }

        for (var round = 0; round < options.Ingest.Rounds; round++)
        {
            var number = round;
            Add((round + 1).ToString(CultureInfo.InvariantCulture), figure => figure(number));
        }
        Add("median", figure => new Sample(Enumerable.Range(0, options.Ingest.Rounds).Select(figure)).Median);
        report.Add(table);
        report.Note($"told to send again later: {string.Join(", ", groups.Select((group, i) => $"{group.Name} {rounds[i].Sum(r => r.Retries)}"))}");
    }

    private async Task SpreadAsync(List<SiloGroup> groups, CancellationToken cancellation)
    {
        var table = new ReportTable("Where partitions and grains lie, by Orleans' dashboard", "grains", "cluster", "all", "on each silo", "farthest off even");
        foreach (var group in groups.Where(g => g.Silos.Count > 1))
        {
            var partitions = (await group.OwnersAsync(cancellation)).Count;
            IReadOnlyList<GrainCount> grains = [];
            // The dashboard looks once a second at most, and not at all when first asked.
            for (var i = 0; grains.Where(g => g.Type == "LogPartitionGrain").Sum(g => g.Count) != partitions; i++)
            {
                if (i == 60)
                {
                    throw new BenchException($"the dashboard of {group.Name} does not count {partitions} partitions: {string.Join("; ", grains)}");
                }
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
                grains = await group.Silos[0].GrainsAsync(cancellation);
            }
            foreach (var type in grains.GroupBy(g => g.Type).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                int[] counts = [.. group.Silos.Select(s => type.Where(g => g.SiloPort == s.SiloPort).Sum(g => g.Count))];
                table.Add(type.Key, group.Name, Cell.Count(counts.Sum()), string.Join(", ", counts), Cell.Percent(Evenness.FarthestOff(counts)));
            }
        }
        report.Add(table);
    }
}
