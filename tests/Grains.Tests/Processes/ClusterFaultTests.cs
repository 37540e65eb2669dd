using System.Diagnostics;
using System.Globalization;
using SensorGrid.Core.Grid;
using SensorGrid.Edge.Tests;
using SensorGrid.Faults.Tests;
using Xunit.Abstractions;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>Three silos as processes on a Postgres of their own, under faults, while readings of all sorts come in: every answer of each equals the model's.</summary>
public sealed class ClusterFaultTests(ITestOutputHelper output)
{
    private const int Senders = 2;
    private const int BatchesOfEpoch = 150;
    private const int CalmBatches = 30;

    private static readonly TimeSpan MostOfARollingRestart = TimeSpan.FromSeconds(20);

    /// <summary>Until the silo is found dead, and its partitions taken.</summary>
    private static readonly TimeSpan MostOfAFreeze = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MostOfMerging = TimeSpan.FromMinutes(5);

    private readonly int _seed = Number("CLUSTER_SEED") is { } seed ? (int)seed : Random.Shared.Next(1, 1_000_000);
    private readonly TimeSpan _length = TimeSpan.FromMinutes(Number("CLUSTER_MINUTES") ?? 1);
    private readonly ClusterTotals _totals = new();
    private readonly GridModel[] _models = [.. Enumerable.Range(0, Senders + 1).Select(_ => new GridModel())];
    private readonly Stopwatch _since = Stopwatch.StartNew();

    [Fact]
    public async Task Every_answer_equals_the_model()
    {
        var folder = Directory.CreateTempSubdirectory("sensorgrid-cluster-").FullName;
        output.WriteLine($"seed {_seed}, {_length.TotalMinutes} minutes{(FaultyCluster.OtherProgram is { } other ? $", beside {other}" : "")}");
        string[] wrong;
        await using (var cluster = await FaultyCluster.StartAsync(folder, BatchGenerator.Rules))
        {
            try
            {
                // Before and after the faults one more sender writes: its batches are sent once, so that its counters are known exactly.
                var calm = new BatchGenerator(_seed, Senders);
                calm.BeginEpoch(0);
                await SendAsync(cluster, calm, Senders, CalmBatches);
                await WriteUnderFaultsAsync(cluster);
                await SendAsync(cluster, calm, Senders, CalmBatches);
                wrong = await CompareAsync(cluster);
            }
            catch (Exception fault)
            {
                wrong = [fault.ToString()];
            }
            wrong = [.. wrong, .. TooSlow()];
            for (var i = 0; i < cluster.Silos.Count && wrong.Length > 0; i++)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, $"silo{i}.log"), cluster.Silos[i].Log);
            }
        }
        output.WriteLine(_totals.ToString());
        output.WriteLine(Describe(_models.Select(m => m.Totals).Aggregate((a, b) => a + b)));
        Assert.True(wrong.Length == 0, $"seed {_seed}, kept in {folder}\n{string.Join('\n', wrong.Take(20))}");
        Directory.Delete(folder, true);
    }

    private IEnumerable<string> TooSlow()
    {
        (ClusterFault Fault, TimeSpan Most)[] limits = [(ClusterFault.Roll, MostOfARollingRestart), (ClusterFault.Freeze, MostOfAFreeze)];
        return limits.Where(l => _totals.LongestQuery(l.Fault) >= l.Most).Select(l => $"a query took {_totals.LongestQuery(l.Fault)} under {l.Fault}");
    }

    private async Task WriteUnderFaultsAsync(FaultyCluster cluster)
    {
        using var stop = new CancellationTokenSource();
        Task[] tasks = [.. Enumerable.Range(0, Senders).Select(s => Task.Run(() => SendAsync(cluster, s, stop.Token))), Task.Run(() => AskAsync(cluster, stop.Token))];
        try
        {
            await Task.WhenAny([FaultsAsync(cluster, tasks), .. tasks]).Unwrap();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        await Task.WhenAll(tasks);
    }

    private async Task SendAsync(FaultyCluster cluster, int sender, CancellationToken stop)
    {
        var batches = new BatchGenerator(_seed, sender);
        for (var epoch = 0; !stop.IsCancellationRequested; epoch++)
        {
            batches.BeginEpoch(epoch);
            await SendAsync(cluster, batches, sender, BatchesOfEpoch, stop);
        }
    }

    private async Task SendAsync(FaultyCluster cluster, BatchGenerator batches, int sender, int count, CancellationToken stop = default)
    {
        var client = new ClusterClient(cluster.Silos, _seed + sender, _totals);
        for (var i = 0; i < count && !stop.IsCancellationRequested; i++)
        {
            var batch = batches.Next();
            _models[sender].Write(batch, await client.WriteAsync(batch));
        }
    }

    private async Task AskAsync(FaultyCluster cluster, CancellationToken stop)
    {
        var client = new ClusterClient(cluster.Silos, _seed - 1, _totals);
        string[] targets = ["api/factories", "api/flags", "api/dead-letters?limit=10", "health/ready", "api/factories/f0", "api/factories/f0/machines/m1-1", "api/factories/f0/stats?window=1h&from=2025-11-20T00:00:00Z&to=2025-11-22T00:00:00Z"];
        await Eventually.TrueAsync(() => _totals.Writes > 20 || stop.IsCancellationRequested, "there is something to ask for");
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await client.GetAsync(targets[i % targets.Length]);
        }
    }

    // Each sort once, then at random as long as there is time.
    private async Task FaultsAsync(FaultyCluster cluster, Task[] tasks)
    {
        var random = new Random(_seed);
        var faults = Enum.GetValues<ClusterFault>();
        random.Shuffle(faults);
        for (var i = 0; i < faults.Length || _since.Elapsed < _length; i++)
        {
            var before = _totals.Writes;
            await Eventually.TrueAsync(() => _totals.Writes >= before + 20 || tasks.Any(t => t.IsFaulted), "writes go on");
            var fault = i < faults.Length ? faults[i] : faults[random.Next(faults.Length)];
            _totals.Begin(fault);
            await cluster.DoAsync(fault, random, () => _totals.Writes);
            Tell($"{fault}, {_totals.Writes} writes");
        }
    }

    // What every silo answers, what SQL says once all have stopped, and what they answer when they come back.
    private async Task<string[]> CompareAsync(FaultyCluster cluster)
    {
        await Eventually.TrueAsync(
            async () => (await Task.WhenAll(cluster.Silos.Select(s => s.Http.GetStringAsync("metrics"))))
                    .All(m => m.Contains("\nsensorgrid_late_waiting 0\n", StringComparison.Ordinal))
                && await Table.ScalarAsync<long>(cluster.ConnectionString, "select count(*) from late_span") == 0,
            "late readings are merged and judged", MostOfMerging);
        Tell("late readings are merged and judged");
        var silos = await Task.WhenAll(Enumerable.Range(0, cluster.Silos.Count).Select(i => CompareSiloAsync(cluster, i, "")));
        List<string> wrong = [.. silos.SelectMany(s => s.Wrong), .. silos.Skip(1).SelectMany(s => Different(silos[0].Flags, s.Flags))];

        await cluster.StopAsync();
        var stored = new Comparison(_ => throw new NotSupportedException("all silos have stopped"), _models, true);
        await using (var sql = await SqlAnswers.OpenAsync(() => cluster.ConnectionString + ";Pooling=false;Command Timeout=300"))
        {
            await stored.SqlAsync(sql, null, isSaved: true);
        }
        wrong.AddRange(stored.Wrong);
        Tell($"SQL compared: {Word(stored)}");

        await cluster.BeginAsync();
        wrong.AddRange((await CompareSiloAsync(cluster, _seed % cluster.Silos.Count, ", started again", "f0")).Wrong);
        return [.. wrong];
    }

    private async Task<(IEnumerable<string> Wrong, IReadOnlyCollection<string> Flags)> CompareSiloAsync(FaultyCluster cluster, int silo, string when, params string[] factories)
    {
        var client = new ClusterClient([cluster.Silos[silo]], _seed, new ClusterTotals());
        var comparison = new Comparison(client.GetAsync, _models, true);
        await comparison.AnswersAsync(factories.Length > 0 ? factories : null);
        Tell($"silo {silo}{when}: {comparison.Sensors} sensors, counters of {comparison.ExactCounters} of them known exactly, {comparison.Flags} flags ({comparison.Backfilled} backfilled): {Word(comparison)}");
        return (comparison.Wrong.Select(w => $"silo {silo}{when}, {w}"), comparison.Judged);
    }

    private static IEnumerable<string> Different(IReadOnlyCollection<string> flags, IReadOnlyCollection<string> others) =>
        flags.Except(others).Concat(others.Except(flags)).Select(f => $"one answer has this flag and the other has not: {f}");

    private static string Word(Comparison comparison) => comparison.Wrong.Count == 0 ? "equal" : "DIFFERENT";

    private string Describe(Counters counters) => string.Create(
        CultureInfo.InvariantCulture,
        $"readings: {counters.Readings}, of which {counters.Late} late, {counters.Duplicates} duplicate, {counters.Corrections} corrected, {_models.Sum(m => m.Plain.Count)} distinct; malformed: {_models.Sum(m => m.DeadLetters.Count)}");

    private void Tell(string what) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_since.Elapsed.TotalSeconds:F0} s: {what}"));

    private static double? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}
