using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;
using SensorGrid.Engine.Rules;
using SensorGrid.Grains;
using SensorGrid.Historian;
using SensorGrid.Historian.Migrations;
using SensorGrid.Historian.Server;
using SensorGrid.Programs;

namespace SensorGrid.Silo;

/// <summary>The running program: Postgres where it has one of its own, and the silo on it.</summary>
internal sealed partial class SiloServer(string dataFolder, SiloSettings settings, Func<IServiceProvider, IGrid> grid, GridSetup configure, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("SensorGrid");

    /// <summary>Serves until cancelled or until a part fails for good.</summary>
    /// <exception cref="CommandException">It cannot; the message says what to do.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await ServeAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to stop before it was up.
        }
        catch (Exception fault) when (fault is PrivatePostgresException or NewerSchemaException or InvalidDataException or ArgumentException or IOException
            || Database.IsStoreFault(fault) || Database.IsRefusal(fault))
        {
            throw new CommandException(fault.Message.ReplaceLineEndings(" "));
        }
    }

    private async Task ServeAsync(CancellationToken cancellation)
    {
        ServingPort.RequireFree(settings.Gateway.Bind, settings.Gateway.Port, "--port");
        ServingPort.RequireFree(settings.Silo.AdvertiseAddress, settings.Silo.SiloPort, "--silo-port");
        ServingPort.RequireFree(settings.Silo.AdvertiseAddress, settings.Silo.GatewayPort, "--gateway-port");
        await using var postgres = settings.Silo.Postgres is null
            ? await PrivatePostgres.StartAsync(new() { DataFolder = dataFolder, Port = settings.Gateway.Port }, cancellation)
            : null;
        // Postgres is watched until the silo has stopped, which needs it.
        using var stopped = new CancellationTokenSource();
        var watch = postgres is null ? Task.Delay(Timeout.Infinite, stopped.Token) : new PostgresWatch(postgres, _ => { }, _logger).RunAsync(stopped.Token);
        try
        {
            var connectionString = settings.Silo.Postgres ?? postgres!.ConnectionString;
            var rulesFile = RulesFile.Of(settings.Silo.Rules, dataFolder, TimeProvider.System, _logger);
            var rules = StartingRules.Read(rulesFile);
            await using var silo = new SiloHost(
                connectionString, settings.Silo, settings.Gateway, grid, s => configure(s, connectionString, settings, rules),
                (database, c) => StoredSettings.RequireAsync(database, settings.Grid, c), loggers);
            await silo.StartAsync(cancellation);
            Task[] side =
            [
                new HeapTrimmer(TimeProvider.System).RunAsync(stopped.Token),
                silo.Services.GetService<IRulesInForce>() is { } inForce ? rulesFile.WatchAsync(inForce.UseAsync, stopped.Token) : Task.Delay(Timeout.Infinite, stopped.Token),
            ];
            LogReady(silo.Address, settings.Silo.ClusterId);
            var ended = await Task.WhenAny([silo.Ended, watch, Task.Delay(Timeout.Infinite, cancellation), .. side]);
            LogStopping();
            await StopAsync(silo);
            await stopped.CancelAsync();
            await Task.WhenAll(side).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            LogStopped();
            await (ended == watch ? watch : Task.CompletedTask);
            if (ended == silo.Ended)
            {
                throw new CommandException("the silo ended by itself: the log has the reason");
            }
            if (ended.Exception?.InnerException is { } fault)
            {
                LogFailed(fault);
                throw new CommandException($"a part of the silo failed: {fault.Message}");
            }
        }
        finally
        {
            await stopped.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopAsync(SiloHost silo)
    {
        using var patience = new CancellationTokenSource(settings.Silo.StopPatience);
        try
        {
            await silo.StopAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new CommandException($"the stop took longer than {Duration.Format(settings.Silo.StopPatience)}: nothing acknowledged is lost, the other silos or the next start replay it");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The silo of cluster {Cluster} serves on {Address}. Ctrl-C stops it.")]
    private partial void LogReady(Uri address, string cluster);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A part of the silo failed; it stopped.")]
    private partial void LogFailed(Exception fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: finishing requests and leaving the cluster.")]
    private partial void LogStopping();

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped.")]
    private partial void LogStopped();
}
