using Npgsql;
using SensorGrid.Edge.Tests;
using SensorGrid.Historian.Server;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>Silos as processes on a Postgres of their own, and what is done to them. After every fault they serve again, in a while. One caller at a time.</summary>
internal sealed class FaultyCluster : IAsyncDisposable
{
    private const int Size = 3;

    /// <summary>Orleans' numbers of a silo that serves, and of one that was declared dead.</summary>
    private const int Active = 3, Dead = 6;

    private readonly PrivatePostgresOptions _options;
    private readonly GridSilo[] _silos;

    // They may find out after a while that they were declared dead.
    private readonly HashSet<GridSilo> _paused = [];
    private PrivatePostgres _postgres;

    private FaultyCluster(string folder, PrivatePostgresOptions options, PrivatePostgres postgres)
    {
        (_options, _postgres) = (options, postgres);
        string[] programs = OtherProgram is { } other ? [other, GridSilo.OwnProgram, other] : [];
        _silos = [.. Enumerable.Range(0, Size).Select(i => new GridSilo(Path.Combine(folder, $"silo{i}"), postgres.ConnectionString, [.. programs.Skip(i % 2).Take(2)]))];
    }

    /// <summary>A silo's program of another build, <c>CLUSTER_OTHER_SILO</c>: both stand side by side, and each silo that begins anew is of the other one. Else null.</summary>
    public static string? OtherProgram { get; } = Environment.GetEnvironmentVariable("CLUSTER_OTHER_SILO") is { Length: > 0 } program ? program : null;

    public IReadOnlyList<GridSilo> Silos => _silos;

    public string ConnectionString => _postgres.ConnectionString;

    /// <summary>Returns when every silo serves.</summary>
    /// <param name="rules">Those of every silo, JSON.</param>
    public static async Task<FaultyCluster> StartAsync(string folder, string rules)
    {
        var options = new PrivatePostgresOptions { DataFolder = Path.Combine(folder, "db"), SharedBuffersMiB = 64 };
        var cluster = new FaultyCluster(folder, options, await PrivatePostgres.StartAsync(options, CancellationToken.None));
        for (var i = 0; i < Size; i++)
        {
            var data = Directory.CreateDirectory(Path.Combine(folder, $"silo{i}")).FullName;
            await File.WriteAllTextAsync(Path.Combine(data, "rules.json"), rules);
        }
        await cluster.BeginAsync();
        return cluster;
    }

    /// <summary>Starts all silos, and returns when they serve.</summary>
    public async Task BeginAsync()
    {
        Array.ForEach(_silos, s => s.Begin());
        await ReadyAsync();
    }

    /// <summary>Stops all silos at once, as a user does.</summary>
    public async Task StopAsync()
    {
        Array.ForEach(_silos, s => s.Signal(GridSilo.SigTerm));
        Assert.All(await Task.WhenAll(_silos.Select(s => s.EndedAsync())), status => Assert.Equal(0, status));
    }

    /// <summary>Waits until every silo serves.</summary>
    public Task ReadyAsync() => Task.WhenAll(_silos.Select(s => _paused.Contains(s) ? OverAsync(s) : s.ReadyAsync()));

    /// <param name="writes">The number of writes acknowledged so far.</param>
    public async Task DoAsync(ClusterFault fault, Random random, Func<int> writes)
    {
        var silo = _silos[random.Next(Size)];
        switch (fault)
        {
            case ClusterFault.Kill:
                await KillAsync(silo);
                break;
            case ClusterFault.KillTwo:
                await KillAsync([.. _silos.Except([silo])]);
                break;
            case ClusterFault.Freeze:
                await FreezeAsync(silo, writes);
                break;
            case ClusterFault.Pause:
                silo.Signal(GridSilo.SigStop);
                await Task.Delay(TimeSpan.FromSeconds(0.5 + (random.NextDouble() * 12)));
                silo.Signal(GridSilo.SigCont);
                _paused.Add(silo);
                break;
            case ClusterFault.Roll:
                await RollAsync();
                break;
            case ClusterFault.RestartPostgres:
                await _postgres.StopAsync(CancellationToken.None);
                NpgsqlConnection.ClearAllPools();
                _postgres = await PrivatePostgres.StartAsync(_options, CancellationToken.None);
                break;
        }
        await ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Array.ForEach(_silos, s => s.Dispose());
        await _postgres.DisposeAsync();
    }

    private static async Task KillAsync(params GridSilo[] silos)
    {
        Array.ForEach(silos, s => s.Signal(GridSilo.SigKill));
        await Task.WhenAll(silos.Select(s => s.EndedAsync()));
        Array.ForEach(silos, s => s.Begin());
    }

    private async Task FreezeAsync(GridSilo silo, Func<int> writes)
    {
        silo.Signal(GridSilo.SigStop);
        await Eventually.TrueAsync(async () => await StatusAsync(silo) == Dead, "the silo that stands still is declared dead");
        var before = writes();
        await Eventually.TrueAsync(() => writes() >= before + 20, "the others go on without it");
        silo.Signal(GridSilo.SigCont);
        Assert.NotEqual(0, await silo.EndedAsync());
        silo.Begin();
    }

    private async Task RollAsync()
    {
        foreach (var next in _silos)
        {
            next.Signal(GridSilo.SigTerm);
            Assert.Equal(0, await next.EndedAsync());
            next.Begin();
            await next.ReadyAsync();
        }
    }

    // Of one that was paused: until it serves, or was declared dead, has ended and been started again.
    private async Task OverAsync(GridSilo silo)
    {
        await Eventually.TrueAsync(async () => silo.HasEnded || (await StatusAsync(silo) == Active && await silo.IsReadyAsync()), "the silo that was paused serves or ends");
        if (silo.HasEnded)
        {
            silo.Begin();
        }
        _paused.Remove(silo);
        await silo.ReadyAsync();
    }

    private Task<int> StatusAsync(GridSilo silo) => Table.ScalarAsync<int>(
        ConnectionString, "select status::int from orleans.silo where port = $1 order by generation desc limit 1", silo.SiloPort);
}
