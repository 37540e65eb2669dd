using System.Diagnostics;
using System.Globalization;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Cluster;

/// <summary>Ends one of three silos, each in turn, while all of them take what can be sent, and looks when every partition is consumed again.</summary>
/// <param name="freeze">With SIGSTOP rather than SIGKILL.</param>
internal sealed class KillBench(ClusterOptions options, bool freeze, WorkFolder folder, Report report)
{
    private const int Silos = 3;

    /// <summary>At one second a step fewer sensors would be sent more steps than the day that readings may be ahead of the clock.</summary>
    private const int SensorsOfASecond = 100_000;

    /// <summary>Readings may be a day ahead of the clock.</summary>
    private const long MaxAheadMilliseconds = 24L * 3600 * 1000;

    private readonly string _signal = freeze ? "SIGSTOP" : "SIGKILL";
    private readonly long _start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() * 1000;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var place = folder.Sub(_signal);
        await using var group = await SiloGroup.StartAsync(place, options.Silo, Silos, cancellation);
        var probes = new PartitionProbes((await group.OwnersAsync(cancellation)).Count);
        var generator = new PayloadGenerator(
            new PlantLayout(options.Sensors), new PlantSignal(options.Sensors, options.Ingest.Seed), _start, Silos,
            options.Ingest.Lines, Math.Clamp(PayloadGenerator.StepMilliseconds * options.Sensors / SensorsOfASecond, 1, PayloadGenerator.StepMilliseconds));
        RetryingSource[] sources = [.. Enumerable.Range(0, Silos).Select(source => new RetryingSource(generator.Endless(source).GetEnumerator()))];
        var rounds = new List<KillRound>();
        for (var round = 0; round < options.Kills; round++)
        {
            var killed = group.Silos[round % Silos];
            rounds.Add(await RoundAsync(group, killed, probes, sources, cancellation));
            report.Note($"{_signal} {round + 1}, of {killed.Name}: every partition consumed after {Cell.Seconds(rounds[^1].All).Text}, the longest write {Cell.Seconds(rounds[^1].Longest.Took).Text}");
            await killed.StartAsync(cancellation);
            await group.EvenAsync(cancellation);
        }
        AddTable(rounds);
        await group.StopAsync();
        folder.Done(place);
    }

    private async Task<KillRound> RoundAsync(
        SiloGroup group, SiloServer killed, PartitionProbes probes, RetryingSource[] sources, CancellationToken cancellation)
    {
        SiloServer[] others = [.. group.Silos.Where(s => s != killed)];
        await probes.SeenAsync(group.Silos, cancellation);
        var owners = await group.OwnersAsync(cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var before = Acknowledged(sources);
        var sending = Task.WhenAll(sources.Select((source, i) => Task.Factory.StartNew(
            () => source.Run([.. group.Ports.Skip(i), .. group.Ports.Take(i)], stop.Token, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        TimeSpan dead;
        TimeSpan[] seen;
        double rate;
        try
        {
            if (await Task.WhenAny(sending, Task.Delay(options.Load, cancellation)) == sending)
            {
                await sending;
            }
            rate = (Acknowledged(sources) - before) / options.Load.TotalSeconds;
            var since = Stopwatch.GetTimestamp();
            var kill = freeze ? Task.CompletedTask : killed.KillAsync(false);
            if (freeze)
            {
                killed.Freeze();
            }
            var declared = DeadAsync(group, killed.SiloPort, since, cancellation);
            seen = await probes.SeenAsync(others, cancellation);
            await kill;
            dead = await declared;
        }
        finally
        {
            await stop.CancelAsync();
            if (killed.IsRunning)
            {
                await killed.KillAsync(false);
            }
        }
        await sending;
        await group.DrainAsync(cancellation);
        await VerifyAsync(others[0], Acknowledged(sources), cancellation);
        RetriedWrite[] writes = [.. sources.SelectMany(s => s.Writes)];
        return new KillRound(
            owners.Count(port => port == killed.SiloPort), dead, seen.Where((_, p) => owners[p] != killed.SiloPort).Max(), seen.Max(), writes.MaxBy(w => w.Took), writes.Length,
            writes.Count(w => w.Tries > 1), rate);
    }

    private static long Acknowledged(RetryingSource[] sources) => sources.Sum(s => s.Acknowledged);

    private static async Task<TimeSpan> DeadAsync(SiloGroup group, int siloPort, long since, CancellationToken cancellation)
    {
        await group.DeadAsync(siloPort, cancellation);
        return Stopwatch.GetElapsedTime(since);
    }

    private async Task VerifyAsync(SiloServer silo, long acknowledged, CancellationToken cancellation)
    {
        // Whole windows: the bench's readings are all there are.
        var found = await silo.CountAsync(_start, _start + MaxAheadMilliseconds, PartitionProbes.Factory, cancellation);
        if (found != acknowledged)
        {
            throw new BenchException($"{acknowledged} readings were acknowledged; {found} are there after {_signal}");
        }
    }

    private void AddTable(List<KillRound> rounds)
    {
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"{_signal} of one of {Silos} silos after {options.Load.TotalSeconds} s of full load, {options.Sensors:N0} sensors: from the signal until"),
            "signal", "load before it", "partitions it held", "it was declared dead", "the others' partitions consumed", "every partition consumed", "longest write", "its tries", "writes",
            "of them sent again");
        foreach (var (i, r) in rounds.Index())
        {
            table.Add(
                (i + 1).ToString(CultureInfo.InvariantCulture), Cell.Rate(r.Rate), Cell.Count(r.Partitions), Cell.Seconds(r.Dead), Cell.Seconds(r.Others), Cell.Seconds(r.All),
                Cell.Seconds(r.Longest.Took), Cell.Count(r.Longest.Tries), Cell.Count(r.Writes), Cell.Count(r.Repeated));
        }
        report.Add(table);
        var all = new Sample(rounds.Select(r => r.All.TotalSeconds));
        report.Note(string.Create(CultureInfo.InvariantCulture, $"every partition consumed: median {all.Median:0.00} s, at most {all.Max:0.00} s; all that was acknowledged was found, once"));
    }
}
