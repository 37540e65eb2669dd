using System.Diagnostics;
using System.Globalization;
using Npgsql;
using SensorGrid.Bench.Usage;
using SensorGrid.Historian.Server;

namespace SensorGrid.Bench.Servers;

/// <summary>The silos of one cluster, each a process, with the Postgres that they share.</summary>
internal sealed class SiloGroup : IServers
{
    /// <summary>Orleans' number for a silo that was declared dead.</summary>
    private const int Dead = 6;

    private static readonly TimeSpan MostUntilEven = TimeSpan.FromMinutes(3);

    private readonly PrivatePostgres _postgres;
    private readonly NpgsqlDataSource _database;

    private SiloGroup(string place, IReadOnlyList<string> program, int silos, PrivatePostgres postgres, string? rulesFile)
    {
        _postgres = postgres;
        _database = NpgsqlDataSource.Create(postgres.ConnectionString);
        Silos = [.. Enumerable.Range(1, silos).Select(i => new SiloServer(Path.Combine(place, $"silo{i}"), program, rulesFile, postgres.ConnectionString, $"Silo {i}"))];
    }

    public IReadOnlyList<SiloServer> Silos { get; }

    public string Name => Silos.Count == 1 ? "one silo" : string.Create(CultureInfo.InvariantCulture, $"{Silos.Count} silos");

    /// <summary>The ports of their HTTP interfaces.</summary>
    public IReadOnlyList<int> Ports => [.. Silos.Select(s => s.Port)];

    /// <summary>Starts them on an empty Postgres, and returns when the partitions lie evenly over them.</summary>
    /// <param name="rulesFile">Null for the default detectors.</param>
    public static async Task<SiloGroup> StartAsync(
        string place, IReadOnlyList<string> program, int silos, CancellationToken cancellation, string? rulesFile = null)
    {
        var postgres = await PrivatePostgres.StartAsync(new() { DataFolder = Path.Combine(place, "postgres") }, cancellation);
        var group = new SiloGroup(place, program, silos, postgres, rulesFile);
        try
        {
            await Task.WhenAll(group.Silos.Select(s => s.StartAsync(cancellation)));
            await group.EvenAsync(cancellation);
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when every silo has as many partitions as the others, give or take one.</summary>
    /// <exception cref="BenchException">They do not come to that.</exception>
    public async Task EvenAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var counts = new int[Silos.Count];
        while (counts.Min() == 0 || counts.Max() - counts.Min() > 1)
        {
            if (watch.Elapsed > MostUntilEven)
            {
                throw new BenchException($"after {MostUntilEven} the partitions of {Name} lie {string.Join(", ", counts)}");
            }
            await Task.Delay(100, cancellation);
            var owners = (await OwnersAsync(cancellation)).CountBy(port => port).ToDictionary();
            counts = [.. Silos.Select(s => owners.GetValueOrDefault(s.SiloPort))];
        }
    }

    /// <summary>The port for other silos of the silo that took each partition last, as the table of turns says; 0 where it has been given up.</summary>
    public async Task<IReadOnlyList<int>> OwnersAsync(CancellationToken cancellation)
    {
        await using var command = _database.CreateCommand("select coalesce(owner, '') from partition_turn order by partition");
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var owners = new List<int>();
        while (await rows.ReadAsync(cancellation))
        {
            owners.Add(rows.GetString(0) is { Length: > 0 } owner ? GrainCount.PortOf(owner) : 0);
        }
        return owners;
    }

    /// <summary>Returns when Orleans' membership says that the silo of this port is dead.</summary>
    public async Task DeadAsync(int siloPort, CancellationToken cancellation)
    {
        await using var command = _database.CreateCommand("select status::int = $2 from orleans.silo where port = $1 order by generation desc limit 1");
        command.Parameters.Add(new() { Value = siloPort });
        command.Parameters.Add(new() { Value = Dead });
        while (await command.ExecuteScalarAsync(cancellation) is not true)
        {
            await Task.Delay(50, cancellation);
        }
    }

    /// <summary>Returns when every reading that was answered has gone its whole way on all silos that run.</summary>
    public Task DrainAsync(CancellationToken cancellation) => Task.WhenAll(Silos.Where(s => s.IsRunning).Select(s => s.DrainAsync(cancellation)));

    public Task<long> CountAsync(CancellationToken cancellation) => Silos[^1].CountAsync(cancellation);

    public Task SettleAsync(CancellationToken cancellation) => Task.WhenAll(Silos.Select(s => s.SettleAsync(cancellation)));

    /// <summary>CPU time of all processes, Postgres included.</summary>
    public TimeSpan CpuTime() => Silos.Aggregate(new ProcessTree(_postgres.Pid).CpuTime(), (sum, silo) => sum + silo.Tree.CpuTime());

    /// <summary>A counter, added up; silos that have counted nothing yet have none.</summary>
    public async Task<double> CountAsync(string metric, CancellationToken cancellation) =>
        (await Task.WhenAll(Silos.Select(async s => MetricsText.Read(await s.Client.GetStringAsync("/metrics", cancellation), metric) ?? 0))).Sum();

    public Task StopAsync() => Task.WhenAll(Silos.Where(s => s.IsRunning).Select(s => s.StopAsync()));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Silos.Select(s => s.DisposeAsync().AsTask()));
        await _database.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}
