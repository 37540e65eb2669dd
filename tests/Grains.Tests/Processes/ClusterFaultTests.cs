using System.Diagnostics;
using System.Globalization;
using Npgsql;
using SensorGrid.Edge.Tests;
using SensorGrid.Faults.Tests;
using SensorGrid.Historian.Server;
using Xunit.Abstractions;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>Three silos as processes on a Postgres of their own, under faults, while readings of all sorts come in: every answer equals the model's.</summary>
public sealed class ClusterFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Silos = 3;
    private const int Senders = 3;
    private const string Kill = "SIGKILL", Freeze = "SIGSTOP", Roll = "rolling restart", Restart = "restart of Postgres";

    /// <summary>Orleans' number of a silo that was declared dead.</summary>
    private const int Dead = 6;

    private static readonly TimeSpan MostOfARollingRestart = TimeSpan.FromSeconds(15);

    /// <summary>Until the silo is found dead, and its partitions taken.</summary>
    private static readonly TimeSpan MostOfAFreeze = TimeSpan.FromSeconds(30);

    private readonly int _seed = Number("CLUSTER_SEED") is { } seed ? (int)seed : Random.Shared.Next(1, 1_000_000);
    private readonly TimeSpan _length = TimeSpan.FromMinutes(Number("CLUSTER_MINUTES") ?? 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("sensorgrid-cluster-").FullName;
    private readonly ClusterTotals _totals = new();
    private PrivatePostgresOptions _options = null!;
    private PrivatePostgres _postgres = null!;
    private GridSilo[] _silos = [];

    public async Task InitializeAsync()
    {
        _options = new() { DataFolder = Path.Combine(_folder, "db"), SharedBuffersMiB = 64 };
        _postgres = await PrivatePostgres.StartAsync(_options, CancellationToken.None);
        _silos = [.. Enumerable.Range(0, Silos).Select(i => new GridSilo(Directory.CreateDirectory(Path.Combine(_folder, $"silo{i}")).FullName, _postgres.ConnectionString))];
    }

    public async Task DisposeAsync()
    {
        Array.ForEach(_silos, s => s.Dispose());
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public async Task Every_answer_equals_the_model()
    {
        output.WriteLine($"seed {_seed}, {_length.TotalMinutes} minutes");
        Array.ForEach(_silos, s => s.Begin());
        await Task.WhenAll(_silos.Select(s => s.ReadyAsync()));
        using var stop = new CancellationTokenSource();
        var written = Enumerable.Range(0, Senders).Select(_ => new List<Batch>()).ToArray();
        var tasks = Enumerable.Range(0, Senders).Select(s => Task.Run(() => SendAsync(s, written[s], stop.Token))).Append(Task.Run(() => AskAsync(stop.Token))).ToArray();
        try
        {
            await Task.WhenAny([FaultsAsync(tasks), .. tasks]).Unwrap();
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"seed {_seed}\n{_totals}\n{string.Join("\n---\n", _silos.Select(s => s.Output))}", fault);
        }
        finally
        {
            await stop.CancelAsync();
            await EndOf(tasks);
            output.WriteLine(_totals.ToString());
        }
        await Task.WhenAll(tasks);
        var model = Cluster.Bodies.Model(written.SelectMany(b => b));
        output.WriteLine($"readings: {written.Sum(w => w.Sum(b => b.Readings.Count))}, of which {model.Count} distinct, of {model.Paths.Count()} sensors");
        await CompareAsync(model);
        Assert.True(_totals.LongestQuery(Roll) < MostOfARollingRestart, $"a query took {_totals.LongestQuery(Roll)} in a rolling restart");
        Assert.True(_totals.LongestQuery(Freeze) < MostOfAFreeze, $"a query took {_totals.LongestQuery(Freeze)} while a silo stood still");
    }

    private async Task SendAsync(int sender, List<Batch> written, CancellationToken stop)
    {
        var client = new ClusterClient(_silos, _seed + sender, _totals);
        var batches = new BatchGenerator(_seed, sender);
        batches.BeginEpoch(0);
        while (!stop.IsCancellationRequested)
        {
            var batch = batches.Next();
            await client.WriteAsync(batch);
            written.Add(batch);
        }
    }

    private async Task AskAsync(CancellationToken stop)
    {
        var client = new ClusterClient(_silos, _seed - 1, _totals);
        string[] targets = ["api/factories", "api/flags", "api/dead-letters?limit=10", "health/ready", "api/factories/f0", "api/factories/f0/machines/m1-1", "api/factories/f0/stats?window=1h&from=2025-11-20T00:00:00Z&to=2025-11-22T00:00:00Z"];
        await Eventually.TrueAsync(() => _totals.Writes > 20 || stop.IsCancellationRequested, "there is something to ask for");
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await client.GetAsync(targets[i % targets.Length]);
        }
    }

    // Each sort once, then at random as long as there is time.
    private async Task FaultsAsync(Task[] tasks)
    {
        var (random, since) = (new Random(_seed), Stopwatch.StartNew());
        string[] faults = [Kill, Freeze, Roll, Restart];
        random.Shuffle(faults);
        for (var i = 0; i < faults.Length || since.Elapsed < _length; i++)
        {
            var before = _totals.Writes;
            await Eventually.TrueAsync(() => _totals.Writes >= before + 20 || tasks.Any(t => t.IsFaulted), "writes go on");
            var fault = i < faults.Length ? faults[i] : faults[random.Next(faults.Length)];
            _totals.Begin(fault);
            await DoAsync(fault, _silos[random.Next(Silos)], random);
            await Task.WhenAll(_silos.Select(s => s.ReadyAsync()));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{since.Elapsed.TotalSeconds:F0} s: {fault}, {_totals.Writes} writes"));
        }
    }

    private async Task DoAsync(string fault, GridSilo silo, Random random)
    {
        switch (fault)
        {
            case Kill:
                silo.Signal(GridSilo.SigKill);
                await silo.EndedAsync();
                silo.Begin();
                break;
            case Freeze:
                silo.Signal(GridSilo.SigStop);
                await Eventually.TrueAsync(
                    async () => await Table.ScalarAsync<int>(
                        _postgres.ConnectionString, "select status::int from orleans.silo where port = $1 order by generation desc limit 1", silo.SiloPort) == Dead,
                    "the silo that stands still is declared dead");
                var before = _totals.Writes;
                await Eventually.TrueAsync(() => _totals.Writes >= before + 20, "the others go on without it");
                silo.Signal(GridSilo.SigCont);
                Assert.NotEqual(0, await silo.EndedAsync());
                silo.Begin();
                break;
            case Roll:
                foreach (var next in _silos)
                {
                    next.Signal(GridSilo.SigTerm);
                    Assert.Equal(0, await next.EndedAsync());
                    next.Begin();
                    await next.ReadyAsync();
                }
                break;
            case Restart:
                await _postgres.StopAsync(CancellationToken.None);
                NpgsqlConnection.ClearAllPools();
                _postgres = await PrivatePostgres.StartAsync(_options, CancellationToken.None);
                break;
        }
    }

    private async Task CompareAsync(PlainModel model)
    {
        for (var i = 0; i < Silos; i++)
        {
            var client = new ClusterClient([_silos[i]], _seed, new ClusterTotals());
            foreach (var path in model.Paths)
            {
                var expected = model.Readings(path);
                var found = await ApiAnswers.ReadingsAsync(client.GetAsync, path);
                Assert.True(expected.SequenceEqual(found), $"silo {i}, {path}: expected {expected.Count} readings, got {found.Count}; missing {string.Join("; ", expected.Except(found).Take(5))}; unexpected {string.Join("; ", found.Except(expected).Take(5))}; seed {_seed}");
                foreach (var size in ApiAnswers.Sizes)
                {
                    model.AssertWindows(path, size, await ApiAnswers.WindowsAsync(client.GetAsync, path, size, expected.First().Time, expected.Last().Time + 1));
                }
                Assert.Equal(expected.Last(), ApiAnswers.LastOf(await client.GetAsync(ApiAnswers.Target(path))));
            }
        }
        Assert.Equal(model.Count, await Table.ScalarAsync<long>(_postgres.ConnectionString, "select count(*) from readings"));
    }

    private static Task EndOf(Task[] tasks) => Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default);

    private static double? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}
