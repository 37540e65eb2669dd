using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Historian.Log;

namespace SensorGrid.Historian;

/// <summary>The Postgres database of a grid: opens connections and tells faults of the store from faults of the program.</summary>
public sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly NpgsqlDataSource _source;

    /// <param name="connectionString">Npgsql's; names host or socket folder, user and database.</param>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public Database(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.ApplicationName ??= "sensorgrid";
        builder.ConnectionStringBuilder.Timeout = Math.Min(builder.ConnectionStringBuilder.Timeout, 5);
        _source = builder.Build();
    }

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => _source.OpenConnectionAsync(cancellation);

    /// <summary>Lets go of idle connections, which a server that went away has broken.</summary>
    public void ForgetConnections() => _source.Clear();

    /// <summary>Whether the fault lies with the store: it is gone, out of space, shutting down, slow, taken or refuses to write.</summary>
    public static bool IsStoreFault(Exception fault) =>
        fault is NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException or LogTakenException;

    /// <summary>The store's fault as callers of the grid see it.</summary>
    public static StoreUnavailableException Unavailable(Exception fault) =>
        new($"the store does not take or give data: {fault.Message}", RetryAfter, fault);

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
