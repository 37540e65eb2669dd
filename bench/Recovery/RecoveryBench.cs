using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Recovery;

/// <summary>Kills a server under full load with SIGKILL, alone or with its Postgres in turns, starts it again and looks whether it has what it acknowledged.</summary>
internal sealed partial class RecoveryBench(RecoveryOptions options, WorkFolder folder, Report report)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var sensors in options.Sensors)
        {
            var size = sensors.ToString("N0", CultureInfo.InvariantCulture) + " sensors";
            var table = new ReportTable(
                $"Recovery, {size}, SIGKILL after {options.LoadSeconds} s of full load",
                "killed", "acknowledged", "in doubt", "found", "read again from the log", "from start until ready", "of it snapshots and log", "CPU until ready");
            for (var round = 0; round < options.Rounds; round++)
            {
                table.Add(await RoundAsync(sensors, round % 2 == 1, folder.Sub($"{sensors}-{round}"), cancellation));
                report.Note($"{size}, round {round + 1}: ready after {table.Rows[^1][5].Text}");
            }
            report.Add(table);
        }
    }

    private async Task<Cell[]> RoundAsync(int sensors, bool all, string place, CancellationToken cancellation)
    {
        var generator = new PayloadGenerator(
            new PlantLayout(sensors), new PlantSignal(sensors, options.Seed), DateTimeOffset.UtcNow.ToUnixTimeSeconds() * 1000, options.Senders, options.Lines);
        LoadSource[] sources = [.. Enumerable.Range(0, options.Senders).Select(source => new LoadSource(generator.Endless(source)))];
        await using var server = new SensorGridServer(place, options.Program);
        await server.StartAsync(cancellation);
        var sending = Task.WhenAll(sources.Select(source =>
            Task.Factory.StartNew(() => source.Run(server.Port, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        if (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(options.LoadSeconds), cancellation)) == sending)
        {
            await sending;
            throw new BenchException($"the server ended under load: {server.Log()}");
        }
        await server.KillAsync(all);
        await sending;
        var watch = Stopwatch.StartNew();
        await server.StartAsync(cancellation);
        var ready = watch.Elapsed;
        var cpu = server.Tree.CpuTime();
        var found = await server.DistinctAsync(cancellation);
        var (acknowledged, inDoubt) = (sources.Sum(source => source.Acknowledged), sources.Sum(source => source.InDoubt));
        if (found < acknowledged || found > acknowledged + inDoubt)
        {
            throw new BenchException($"{acknowledged} readings were acknowledged and {inDoubt} in doubt; {found} are there after the kill");
        }
        var (replayed, recovery) = Recovered(server.Log());
        await server.StopAsync();
        folder.Done(place);
        return
        [
            all ? "server and Postgres" : "server", Cell.Count(acknowledged), Cell.Count(inDoubt), Cell.Count(found), Cell.Count(replayed),
            Cell.Seconds(ready), Cell.Seconds(recovery), Cell.Seconds(cpu),
        ];
    }

    /// <summary>What a server says of its start: readings replayed, and how long snapshots and log took.</summary>
    public static (long Replayed, TimeSpan Time) Recovered(string log) => RecoveredLine().Match(log) is { Success: true } match
        ? (long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))
        : throw new BenchException($"the server does not say what it recovered: {log}");

    [GeneratedRegex(@"Recovered \d+ sensors, replayed (\d+) readings in ([\d.]+) s")]
    private static partial Regex RecoveredLine();
}
