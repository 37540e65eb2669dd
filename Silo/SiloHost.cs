using System.Globalization;
using System.Net;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway;
using SensorGrid.Historian;
using SensorGrid.Historian.Migrations;
using SensorGrid.Historian.Settings;
using GatewayOptions = SensorGrid.Gateway.GatewayOptions;

namespace SensorGrid.Silo;

/// <summary>One silo of the cluster: Orleans on a Postgres, the grid on its grains, the Gateway in front. Started once, stopped once.</summary>
public sealed partial class SiloHost : IAsyncDisposable
{
    private const string Schema = "orleans";

    /// <summary>Connections of Orleans' own, beside those of <see cref="Database"/>.</summary>
    private const int OrleansConnections = 6;

    /// <summary>Three probes without an answer, seen by two others, and a silo is dead.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The most that a prober that is slow itself waits. Nobody calls a silo dead of which a message came within three times that, so that one that stands
    /// still in the midst of its work is dead after 12 s to 15 s: before those who wait for its partitions give up.
    /// </summary>
    private static readonly TimeSpan MostProbePatience = TimeSpan.FromSeconds(4);

    /// <summary>After three of them without a sign a silo is taken for dead by one that joins: all of them, where the whole cluster was killed.</summary>
    private static readonly TimeSpan SignOfLifeEvery = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a silo reads the membership, and declares its older self dead where that still counts as active: where two start at once, the table takes
    /// only one of such changes, and until the other one has been made nothing gets through to whoever it was.
    /// </summary>
    private static readonly TimeSpan ReadMembershipEvery = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo that joins tries to reach the others. One that began before they were taken for dead has to begin anew.</summary>
    private static readonly TimeSpan JoinPatience = TimeSpan.FromMinutes(1);

    private readonly string _connectionString;
    private readonly SiloOptions _options;
    private readonly GatewayOptions _gatewayOptions;
    private readonly Func<IServiceProvider, IGrid> _grid;
    private readonly Action<ISiloBuilder> _configure;
    private readonly Func<Database, CancellationToken, Task> _prepare;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IHost? _silo;
    private GatewayHost? _gateway;

    /// <param name="connectionString">Npgsql's, of the Postgres that all silos share.</param>
    /// <param name="grid">Makes the grid from the running silo's services; whatever it makes is the container's to dispose of.</param>
    /// <param name="configure">Adds grains, their placement and the services of the grid.</param>
    /// <param name="prepare">Looks, before the silo joins, whether the database suits the grid.</param>
    /// <param name="loggers">Stays the caller's.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public SiloHost(
        string connectionString, SiloOptions options, GatewayOptions gateway, Func<IServiceProvider, IGrid> grid, Action<ISiloBuilder> configure,
        Func<Database, CancellationToken, Task> prepare, ILoggerFactory loggers, TimeProvider? time = null)
    {
        options.Validate();
        gateway.Validate();
        (_connectionString, _options, _gatewayOptions, _grid, _configure) = (connectionString, options, gateway, grid, configure);
        (_prepare, _loggers, _time) = (prepare, loggers, time ?? TimeProvider.System);
    }

    /// <summary>Where the Gateway listens, once started.</summary>
    public Uri Address => Started(_gateway).Address;

    /// <summary>The running silo's.</summary>
    public IServiceProvider Services => Started(_silo).Services;

    /// <summary>Completes when the silo ends without being asked to.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Waits for Postgres, as long as that takes, brings its schema up to date and joins the cluster; serves when it returns.</summary>
    /// <exception cref="InvalidDataException">The database belongs to another cluster, or does not suit the grid.</exception>
    /// <exception cref="NewerSchemaException">The database was made by a newer program.</exception>
    /// <exception cref="IOException">The Gateway's port is in use.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await new StoreWait(_loggers.CreateLogger("SensorGrid"), _time).RunAsync(PrepareAsync, cancellation).ConfigureAwait(false);
        while (!await TryJoinAsync(cancellation).ConfigureAwait(false))
        {
            LogJoinsAgain(_loggers.CreateLogger("SensorGrid"));
        }
        try
        {
            _silo!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(_ended.SetResult);
            _gateway = new GatewayHost(_grid(_silo.Services), _gatewayOptions, _loggers, _time, [OrleansDashboard.Mount(_silo.Services)]);
            await _gateway.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await LeaveAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Answers what the Gateway was asked, then leaves the cluster.</summary>
    /// <param name="cancellation">Ends the waiting: requests are cut, grains are not deactivated.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_gateway is not null)
        {
            await _gateway.StopAsync(cancellation).ConfigureAwait(false);
        }
        if (_silo is not null)
        {
            await _silo.StopAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Stops it at once, if it was not stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync().ConfigureAwait(false);
        }
        if (_silo is IAsyncDisposable silo)
        {
            await silo.DisposeAsync().ConfigureAwait(false);
            // The providers leave theirs open.
            await using var pool = new NpgsqlConnection(OrleansConnectionString());
            NpgsqlConnection.ClearPool(pool);
        }
    }

    /// <returns>False where a silo that counts as active did not answer.</returns>
    private async Task<bool> TryJoinAsync(CancellationToken cancellation)
    {
        _silo = Build();
        try
        {
            await _silo.StartAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault)
        {
            await LeaveAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (fault is not OrleansClusterConnectivityCheckFailedException)
            {
                throw;
            }
        }
        await ((IAsyncDisposable)_silo).DisposeAsync().ConfigureAwait(false);
        return false;
    }

    /// <summary>So that the other silos need not find out that this one did not get up.</summary>
    private async Task LeaveAsync()
    {
        using var patience = new CancellationTokenSource(_options.StopPatience);
        await _silo!.StopAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        await using var database = new Database(_connectionString);
        await using (var connection = await database.OpenAsync(cancellation).ConfigureAwait(false))
        {
            await new Migrator().MigrateAsync(connection, cancellation).ConfigureAwait(false);
        }
        await SettingTable.RequireAsync(database, "cluster", _options.ClusterId, cancellation).ConfigureAwait(false);
        await SettingTable.RequireAsync(database, "service", _options.ServiceId, cancellation).ConfigureAwait(false);
        await _prepare(database, cancellation).ConfigureAwait(false);
    }

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (_options.ClusterId, _options.ServiceId));
            silo.Configure<ClusterMembershipOptions>(members =>
            {
                (members.IAmAliveTablePublishTimeout, members.MaxJoinAttemptTime) = (SignOfLifeEvery, JoinPatience);
                (members.ProbeTimeout, members.MaxProbeTimeout) = (ProbePatience, MostProbePatience);
                members.TableRefreshTimeout = ReadMembershipEvery;
            });
            // As the dashboard shows it: in Kubernetes the machine's name is the pod's.
            silo.Configure<Orleans.Configuration.SiloOptions>(named => named.SiloName = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{_options.SiloPort}"));
            silo.ConfigureEndpoints(IPAddress.Parse(_options.AdvertiseAddress), _options.SiloPort, _options.GatewayPort);
            UsePostgres(silo);
            OrleansDashboard.AddTo(silo);
            _configure(silo);
        });
        return builder.Build();
    }

    private void UsePostgres(ISiloBuilder silo)
    {
        const string invariant = "Npgsql";
        var connectionString = OrleansConnectionString();
        silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (invariant, connectionString));
        silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = (invariant, connectionString));
        silo.AddAdoNetGrainStorageAsDefault(storage => (storage.Invariant, storage.ConnectionString) = (invariant, connectionString));
    }

    private string OrleansConnectionString()
    {
        var settings = new NpgsqlConnectionStringBuilder(_connectionString) { SearchPath = Schema, MaxPoolSize = OrleansConnections };
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, OrleansConnections);
        settings.Timeout = Math.Min(settings.Timeout, 5);
        settings.ApplicationName ??= "sensorgrid-silo";
        settings.GssEncryptionMode = Database.WithoutFallback(settings);
        return settings.ConnectionString;
    }

    private static T Started<T>(T? part)
        where T : class => part ?? throw new InvalidOperationException("The silo is not started.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silos that count as active do not answer; joining again.")]
    private static partial void LogJoinsAgain(ILogger logger);
}
