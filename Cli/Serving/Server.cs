using SensorGrid.Core.Readings;
using SensorGrid.Edge;
using SensorGrid.Engine.Rules;
using SensorGrid.Gateway;
using SensorGrid.Historian;
using SensorGrid.Historian.Migrations;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Server;

namespace SensorGrid.Cli.Serving;

/// <summary>The running program: Postgres, the grid on it, the Gateway in front of both, started in this order and stopped in the reverse one.</summary>
internal sealed partial class Server
{
    private readonly ServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;

    private Server(ServerOptions options, ILoggerFactory loggers)
    {
        _options = options;
        _loggers = loggers;
        _logger = loggers.CreateLogger("SensorGrid");
    }

    /// <summary>Serves until cancelled or until a part fails for good.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> RunAsync(ServerOptions options, TextWriter error, CancellationToken cancellation)
    {
        using var loggers = ProgramLog.Create(("Microsoft", LogLevel.Warning));
        try
        {
            return await new Server(options, loggers).RunAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return CommandLine.Done;
        }
        catch (Exception fault) when (fault is CommandException or PrivatePostgresException or NewerSchemaException or InvalidDataException or CorruptSegmentException or ArgumentException
            || Database.IsFault(fault))
        {
            var reason = Database.IsStoreFault(fault) && options.Settings.Program.Postgres is null && DataFolder.IsDiskFull(options.DataFolder) ? $"the disk that holds {options.DataFolder} is full: free some space" : fault.Message;
            await error.WriteLineAsync($"sensorgrid: {reason.ReplaceLineEndings(" ")}");
            return CommandLine.Failed;
        }
    }

    private async Task<int> RunAsync(CancellationToken cancellation)
    {
        var settings = _options.Settings;
        ServingPort.RequireFree(settings.Gateway.Bind, settings.Gateway.Port, "--port", HolderOfTheFolder);
        await using var postgres = settings.Program.Postgres is null
            ? await PrivatePostgres.StartAsync(new() { DataFolder = _options.DataFolder, Port = settings.Gateway.Port }, cancellation)
            : null;
        var connection = settings.Program.Postgres ?? postgres!.ConnectionString;
        try
        {
            await MigrateAsync(connection, cancellation);
        }
        catch (Exception fault) when (postgres is null && (fault is ArgumentException || Database.IsStoreFault(fault)))
        {
            throw new CommandException($"--postgres: {fault.Message}: give the connection string of a server that runs, such as \"Host=127.0.0.1;Username=me;Database=grid\", and a user who may create schemas and tables there");
        }
        var rulesFile = RulesFile.Of(settings.Program.Rules, _options.DataFolder, TimeProvider.System, _logger);
        var rules = StartingRules.Read(rulesFile);
        await using var grid = new EdgeGrid(connection, settings.Edge, rules, _loggers);
        await grid.StartAsync(cancellation);
        await using var gateway = new GatewayHost(grid, settings.Gateway, _loggers);
        await gateway.StartAsync(cancellation);
        LogReady(gateway.Address, postgres is null ? "the given Postgres" : _options.DataFolder);

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Postgres is watched until the grid has stopped, which needs it.
        using var stopped = new CancellationTokenSource();
        var side = new List<Task>();
        if (postgres is not null)
        {
            side.Add(new PostgresWatch(postgres, reason => grid.StoreTrouble = reason, _logger).RunAsync(stopped.Token));
        }
        side.Add(rulesFile.WatchAsync(grid.UseAsync, stopping.Token));
        side.Add(new HeapTrimmer(TimeProvider.System).RunAsync(stopping.Token));
        if (_options.Demo)
        {
            side.Add(new Demo(grid, TimeProvider.System, _logger).RunAsync(stopping.Token));
        }
        var ended = await Task.WhenAny([grid.Failed, Task.Delay(Timeout.Infinite, stopping.Token), .. side]);
        await stopping.CancelAsync();
        try
        {
            await StopAsync(grid, gateway);
        }
        finally
        {
            await stopped.CancelAsync();
            await EndAsync(side);
        }
        LogStopped();
        if (ended.IsFaulted)
        {
            await ended;
        }
        return grid.Failed.IsCompleted ? CommandLine.Failed : CommandLine.Done;
    }

    private async Task StopAsync(EdgeGrid grid, GatewayHost gateway)
    {
        LogStopping();
        var allowed = _options.Settings.Program.StopPatience;
        using var patience = new CancellationTokenSource(allowed);
        try
        {
            await gateway.StopAsync(patience.Token);
            await grid.StopAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new CommandException($"the stop took longer than {Duration.Format(allowed)}: nothing acknowledged is lost, the next start replays it");
        }
        catch (Exception fault) when (Database.IsStoreFault(fault))
        {
            throw new CommandException($"the twins are not saved, as the store is away ({fault.Message}): nothing acknowledged is lost, the next start replays it");
        }
    }

    private static async Task EndAsync(List<Task> side)
    {
        try
        {
            await Task.WhenAll(side);
        }
        catch (OperationCanceledException)
        {
            // That is how they end.
        }
    }

    private static async Task MigrateAsync(string connectionString, CancellationToken cancellation)
    {
        await using var database = new Database(connectionString);
        await using var connection = await database.OpenAsync(cancellation);
        await new Migrator().MigrateAsync(connection, cancellation);
    }

    private string? HolderOfTheFolder() =>
        _options.Settings.Program.Postgres is null && DataFolder.RunningHolder(_options.DataFolder) is { } holder
            ? $"data folder {_options.DataFolder} is in use by a running sensorgrid ({holder}): stop it, or give another --data and --port"
            : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "SensorGrid serves on {Address} from {Store}. Ctrl-C stops it.")]
    private partial void LogReady(Uri address, string store);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: finishing writes and saving the twins.")]
    private partial void LogStopping();

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped; everything is saved.")]
    private partial void LogStopped();
}
