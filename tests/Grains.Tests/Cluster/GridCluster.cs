using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.TestingHost;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Silos in the test's process on one database, with the membership and the transport of Orleans' testing host.</summary>
internal sealed class GridCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly string _orleans;

    private GridCluster(string connectionString, int silos, GridOptions options, RuleSet rules, TimeProvider time, Action<ISiloBuilder>? configure)
    {
        ConnectionString = connectionString;
        Options = options;
        var orleans = _orleans = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = "orleans" }.ConnectionString;
        var builder = new InProcessTestClusterBuilder((short)silos);
        (builder.Options.InitializeClientOnDeploy, builder.Options.ConfigureFileLogging) = (false, false);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(time);
            silo.Services.AddLogging(logging => logging.AddProvider(Log));
            silo.Configure<ClusterMembershipOptions>(members => members.ProbeTimeout = TimeSpan.FromSeconds(1));
            silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = ("Npgsql", orleans));
            silo.AddSensorGrid(connectionString, options, rules);
            configure?.Invoke(silo);
        });
        _cluster = builder.Build();
    }

    public string ConnectionString { get; }

    public GridOptions Options { get; }

    public LogLines Log { get; } = new();

    public IReadOnlyList<InProcessSiloHandle> Silos => _cluster.Silos;

    /// <summary>The grid as each of the silos serves it.</summary>
    public IGrid[] Grids => [.. Silos.Select(GridOf)];

    public IGrainFactory Grains => Services(Silos[0]).GetRequiredService<IGrainFactory>();

    /// <summary>Returns when every silo serves and has its share of the partitions.</summary>
    public static async Task<GridCluster> StartAsync(
        string connectionString, int silos, GridOptions? options = null, RuleSet? rules = null, TimeProvider? time = null, Action<ISiloBuilder>? configure = null)
    {
        var cluster = new GridCluster(connectionString, silos, options ?? new GridOptions { Partitions = 8 }, rules ?? RuleSet.Default, time ?? TimeProvider.System, configure);
        try
        {
            await cluster._cluster.DeployAsync();
            await cluster.SettledAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public static IServiceProvider Services(InProcessSiloHandle silo) => silo.SiloHost.Services;

    public static IGrid GridOf(InProcessSiloHandle silo) => Services(silo).GetRequiredService<IGrid>();

    public static GridEngine EngineOf(InProcessSiloHandle silo) => Services(silo).GetRequiredService<GridEngine>();

    /// <summary>The silo that reads a partition; null where that is none, or more than one.</summary>
    public InProcessSiloHandle? OwnerOf(int partition)
    {
        var owners = Silos.Where(s => EngineOf(s).Owned[partition] is not null).ToArray();
        return owners.Length == 1 ? owners[0] : null;
    }

    /// <summary>Waits until every partition is read by one silo and all silos read as many, give or take one, and their maps say so.</summary>
    public async Task SettledAsync()
    {
        try
        {
            await Eventually.TrueAsync(IsSettled, "every partition is read and the silos share them evenly");
        }
        catch (Xunit.Sdk.XunitException late)
        {
            throw new Xunit.Sdk.XunitException($"{late.Message}\n{Describe()}");
        }
    }

    public Task CheckpointAsync() => Task.WhenAll(Silos.Select(s => EngineOf(s).CheckpointAsync(CancellationToken.None)));

    public Task RestateAsync() => Task.WhenAll(Silos.Select(s => EngineOf(s).RestateAsync(CancellationToken.None)));

    public Task AddSiloAsync() => _cluster.StartAdditionalSiloAsync();

    public Task StopAsync(InProcessSiloHandle silo) => _cluster.StopSiloAsync(silo);

    public Task KillAsync(InProcessSiloHandle silo) => _cluster.KillSiloAsync(silo);

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        // The provider of reminders leaves its connections open, and the server has a hundred for all tests.
        await using var pool = new NpgsqlConnection(_orleans);
        NpgsqlConnection.ClearPool(pool);
        Log.Dispose();
    }

    private bool IsSettled()
    {
        var owners = Enumerable.Range(0, Options.Partitions).Select(OwnerOf).ToArray();
        var shares = Silos.Select(s => owners.Count(o => o == s)).ToArray();
        return owners.All(o => o is not null) && shares.Max() - shares.Min() <= 1
            && Silos.All(s => GridOf(s).Info.IsReady && Services(s).GetRequiredService<PartitionMap>().Owners.SequenceEqual(owners.Select(o => o!.SiloAddress)));
    }

    private string Describe() => string.Join('\n', Silos.Select(s =>
        $"{s.SiloAddress}: {GridOf(s).Info.NotReady ?? "ready"}; holds {string.Join(' ', EngineOf(s).Owned.Numbers)}; "
        + $"its map says {string.Join(' ', Services(s).GetRequiredService<PartitionMap>().Owners)}")
        .Concat(Log.Lines.Where(l => l.Level >= LogLevel.Warning).TakeLast(20).Select(l => l.Text)));
}
