using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Grains.Live;
using SensorGrid.Grains.Partitions;
using SensorGrid.Grains.Placement;
using SensorGrid.Grains.Rules;
using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains;

public static class ClusterHosting
{
    private const int Connections = 16;

    /// <summary>
    /// Adds the grid to a silo: its engine, which starts and stops with the silo, the placement of its grains, and <see cref="IGrid"/> for who serves it.
    /// </summary>
    /// <param name="connectionString">Of a database whose schema is up to date, and that all silos share.</param>
    /// <param name="options">The same for all silos.</param>
    public static ISiloBuilder AddSensorGrid(this ISiloBuilder silo, string connectionString, GridOptions options, RuleSet rules)
    {
        options.Validate();
        silo.Services.AddSingleton(options);
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddSingleton<PartitionMap>();
        silo.Services.AddSingleton(services => NewEngine(services, connectionString, options, rules));
        silo.Services.AddSingleton<TwinGrains>();
        silo.Services.AddSingleton<PartitionKeeper>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<PartitionKeeper>());
        silo.Services.AddSingleton<StoreWatch>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<StoreWatch>());
        silo.Services.AddSingleton<ClusterLive>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<ClusterLive>());
        silo.Services.AddSingleton<RulesWatch>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<RulesWatch>());
        silo.Services.AddSingleton<ClusterGrid>();
        silo.Services.AddSingleton<IGrid>(services => services.GetRequiredService<ClusterGrid>());
        silo.Services.AddSingleton<IRulesInForce>(services => services.GetRequiredService<ClusterGrid>());
        return silo.AddPlacementDirector<PartitionPlacement, PartitionPlacementDirector>().AddPlacementDirector<SiloPlacement, SiloPlacementDirector>();
    }

    // Several silos share the server's connections.
    private static string Bounded(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, Connections);
        return settings.ConnectionString;
    }

    private static GridEngine NewEngine(IServiceProvider services, string connectionString, GridOptions options, RuleSet rules)
    {
        var grains = services.GetRequiredService<IGrainFactory>();
        var time = services.GetRequiredService<TimeProvider>();
        IPartition[] Everywhere(GridEngine engine)
        {
            var calls = new AppendCalls(engine, time);
            return [.. Enumerable.Range(0, options.Partitions).Select(p => new GrainPartition(p, engine, grains, calls, time))];
        }

        var role = new EngineRole(true, services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(), Everywhere, services.GetRequiredService<TwinGrains>());
        return new GridEngine(Bounded(connectionString), options, role, rules, services.GetRequiredService<ILoggerFactory>(), time);
    }
}
