using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Historian.Log;

namespace SensorGrid.Historian;

/// <summary>
/// The Postgres database of a grid: opens connections and tells faults of the store from faults of the program. The grid's own work and
/// its users' queries have connections apart, so that no number of queries keeps the grid from writing.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    /// <summary>Half of them for the grid's own work. The private server takes 50, so that some are left for people with psql.</summary>
    private const int MostConnections = 28;

    private const int LeastConnections = 8;

    /// <summary>
    /// How long a statement of a long transaction may take: on a slow disk the usual half a minute would end it each time anew, and one that never ends
    /// would hide that its connection is gone.
    /// </summary>
    internal const int PatienceSeconds = 600;

    // The classes of SQLSTATE that speak of the server's state, not of the statement: connection, transaction state (read-only, timed out), authorization,
    // unknown database, rolled back, out of disk, memory or connections, object in use or locked, operator's intervention, system error, damage.
    private static readonly string[] StoreStates = ["08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"];

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QueryPatience = TimeSpan.FromSeconds(2);

    private readonly NpgsqlDataSource _own;
    private readonly NpgsqlDataSource _queries;
    private readonly SemaphoreSlim _querySlots;

    /// <param name="connectionString">Npgsql's; names host or socket folder, user and database. Its Maximum Pool Size bounds all connections together.</param>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public Database(string connectionString)
    {
        var most = Math.Clamp(new NpgsqlConnectionStringBuilder(connectionString).MaxPoolSize, LeastConnections, MostConnections);
        OwnConnections = most - (most / 2);
        QueryConnections = most / 2;
        _own = Build(connectionString, OwnConnections);
        _queries = Build(connectionString, QueryConnections);
        _querySlots = new SemaphoreSlim(QueryConnections);
    }

    /// <summary>Connections for the grid's own work that there may be at one time.</summary>
    public int OwnConnections { get; }

    /// <summary>Queries of users that may run at one time.</summary>
    public int QueryConnections { get; }

    /// <summary>The turn at writing that this program began; null where it only reads.</summary>
    internal long? WriterTurn { get; set; }

    /// <summary>A connection for the grid's own work: the log, checkpoints, the probe.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => _own.OpenConnectionAsync(cancellation);

    /// <summary>Sees to it, until the end of the transaction, that nobody else begins to write; to be called first in a transaction that writes.</summary>
    /// <exception cref="WriterReplacedException">Somebody has.</exception>
    internal async Task HoldTurnAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (WriterTurn is not { } turn)
        {
            return;
        }
        await using var command = new NpgsqlCommand("select turn = $1 from writer for share", connection) { Parameters = { new() { Value = turn } } };
        if (await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is not true)
        {
            throw new WriterReplacedException();
        }
    }

    /// <summary>A connection for a query of a user.</summary>
    /// <exception cref="GridBusyException">As many queries as may run at one time are still running after two seconds.</exception>
    public async ValueTask<QueryConnection> OpenQueryAsync(CancellationToken cancellation)
    {
        if (!await _querySlots.WaitAsync(QueryPatience, cancellation).ConfigureAwait(false))
        {
            throw new GridBusyException($"{QueryConnections} queries are running, which is as many as may at one time", RetryAfter);
        }
        try
        {
            return new QueryConnection(await _queries.OpenConnectionAsync(cancellation).ConfigureAwait(false), _querySlots);
        }
        catch
        {
            _querySlots.Release();
            throw;
        }
    }

    /// <summary>Lets go of idle connections, which a server that went away has broken.</summary>
    public void ForgetConnections()
    {
        _own.Clear();
        _queries.Clear();
    }

    /// <summary>Whether the fault lies with the store: it is gone, out of space, shutting down, slow, taken or refuses to write.</summary>
    public static bool IsStoreFault(Exception fault) => fault switch
    {
        PostgresException refused => refused.SqlState == PostgresErrorCodes.InsufficientPrivilege
            || Array.Exists(StoreStates, s => refused.SqlState.StartsWith(s, StringComparison.Ordinal)),
        _ => fault is NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException or LogTakenException,
    };

    /// <summary>Whether the store is well and refuses just what it was given, of which nothing is kept.</summary>
    public static bool IsRefusal(Exception fault) => fault is PostgresException && !IsStoreFault(fault);

    /// <summary>The store's fault in words.</summary>
    public static string Reason(Exception fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.DiskFull } ? $"its disk is full: {fault.Message}" : fault.Message;

    /// <summary>The store's fault as callers of the grid see it.</summary>
    public static StoreUnavailableException Unavailable(Exception fault) =>
        new($"the store does not take or give data: {Reason(fault)}", RetryAfter, fault);

    public async ValueTask DisposeAsync()
    {
        await _own.DisposeAsync().ConfigureAwait(false);
        await _queries.DisposeAsync().ConfigureAwait(false);
    }

    private static NpgsqlDataSource Build(string connectionString, int connections)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        var settings = builder.ConnectionStringBuilder;
        settings.ApplicationName ??= "sensorgrid";
        settings.Timeout = Math.Min(settings.Timeout, 5);
        settings.MaxPoolSize = connections;
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, connections);
        return builder.Build();
    }
}
