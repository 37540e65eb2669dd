using System.Collections.Concurrent;
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
    /// <summary>Half of them for the grid's own work. The private server takes 100, so that some are left for other silos and for people with psql.</summary>
    private const int MostConnections = 28;

    private const int LeastConnections = 8;

    /// <summary>
    /// How long a statement of a long transaction may take: on a slow disk the usual half a minute would end it each time anew, and one that never ends
    /// would hide that its connection is gone.
    /// </summary>
    internal const int PatienceSeconds = 600;

    /// <summary>How long a look at the turns may take: the next one has another connection, where this one's has died without a word.</summary>
    private const int LookSeconds = 4;

    // The classes of SQLSTATE that speak of the server's state, not of the statement: connection, transaction state (read-only, timed out), authorization,
    // unknown database, rolled back, out of disk, memory or connections, object in use or locked, operator's intervention, system error, damage.
    private static readonly string[] StoreStates = ["08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"];

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan QueryPatience = TimeSpan.FromSeconds(2);

    private readonly NpgsqlDataSource _own;
    private readonly NpgsqlDataSource _queries;
    private readonly SemaphoreSlim _querySlots;

    // Of the partitions that this program writes.
    private readonly ConcurrentDictionary<int, long> _turns = new();
    private volatile bool _writes;

    // Turns of which somebody has been told that they are lost.
    private readonly ConcurrentDictionary<(int Partition, long Turn), bool> _toldLost = new();

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

    /// <summary>A connection for the grid's own work: the log, checkpoints, the probe.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => _own.OpenConnectionAsync(cancellation);

    /// <summary>The partitions that this program writes, ascending.</summary>
    internal IReadOnlyList<int> Written => [.. _turns.Keys.Order()];

    /// <summary>The number of the turn in which this program writes a partition; null where it does not. Another program's is never the same.</summary>
    public long? TurnOf(int partition) => _turns.TryGetValue(partition, out var turn) ? turn : null;

    /// <summary>
    /// Begins a turn at writing partitions: whoever wrote them before writes nothing more. A transaction of theirs that is under way is waited for, or ended
    /// where it stands still.
    /// </summary>
    /// <param name="owner">For people who look at the table.</param>
    internal async Task BeginTurnsAsync(IReadOnlyCollection<int> partitions, string owner, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation).ConfigureAwait(false);
        for (var ended = false; ; ended = true)
        {
            try
            {
                await BeginTurnsAsync(connection, partitions, owner, cancellation).ConfigureAwait(false);
                return;
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable && !ended)
            {
                await EndStandingAsync(connection, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Who took each partition last, as they named themselves.</summary>
    public async Task<List<(int Partition, string? Owner)>> ReadTurnOwnersAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("select partition, owner from partition_turn", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var owners = new List<(int, string?)>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            owners.Add((rows.GetInt16(0), rows.IsDBNull(1) ? null : rows.GetString(1)));
        }
        return owners;
    }

    /// <summary>Gives a partition up: this program writes nothing more of it.</summary>
    internal void EndTurn(int partition) => _turns.TryRemove(partition, out _);

    /// <summary>The same, and lets others see that nobody has it now.</summary>
    internal async Task EndTurnAsync(int partition, CancellationToken cancellation)
    {
        if (!_turns.TryRemove(partition, out var turn))
        {
            return;
        }
        await using var connection = await OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("update partition_turn set owner = null where partition = $1 and turn = $2", connection)
        {
            Parameters = { new() { Value = (short)partition }, new() { Value = turn } },
        };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Looks whether nobody else has begun to write the partitions that this program writes.</summary>
    /// <exception cref="WriterReplacedException">Somebody has.</exception>
    public async Task CheckTurnsAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation).ConfigureAwait(false);
        // Also where there are none: that the store answers is half of what is asked.
        await RequireTurnsAsync(connection, Written, "", LookSeconds, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Sees to it, until the end of the transaction, that nobody else begins to write these partitions; to be called first in a transaction that writes.
    /// </summary>
    /// <exception cref="WriterReplacedException">Somebody has.</exception>
    internal Task HoldTurnsAsync(NpgsqlConnection connection, IReadOnlyCollection<int> partitions, CancellationToken cancellation) =>
        _writes && partitions.Count > 0 ? RequireTurnsAsync(connection, partitions, "for share", null, cancellation) : Task.CompletedTask;

    private async Task RequireTurnsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<int> partitions, string locking, int? seconds, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select partition, turn from partition_turn where partition = any($1) order by partition {locking}", connection)
        {
            Parameters = { new() { Value = Numbers(partitions) } },
        };
        command.CommandTimeout = seconds ?? command.CommandTimeout;
        var lost = partitions.ToHashSet();
        var takenOver = new List<int>();
        await using (var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
            {
                var partition = rows.GetInt16(0);
                if (!_turns.TryGetValue(partition, out var turn))
                {
                    // Given up.
                }
                else if (turn == rows.GetInt64(1))
                {
                    lost.Remove(partition);
                }
                else if (_toldLost.TryAdd((partition, turn), true))
                {
                    takenOver.Add(partition);
                }
            }
        }
        if (lost.Count > 0)
        {
            throw new WriterReplacedException([.. lost.Order()], takenOver);
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

    /// <summary>What to ask for instead of "encrypted if possible, else not": that is tried by failing, which costs time and breaks connections. Who requires it gets it.</summary>
    public static GssEncryptionMode WithoutFallback(NpgsqlConnectionStringBuilder settings) =>
        settings.GssEncryptionMode == GssEncryptionMode.Prefer ? GssEncryptionMode.Disable : settings.GssEncryptionMode;

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

    /// <summary>Whether the fault is the store's or its refusal, and none of the program: what is worth another attempt.</summary>
    public static bool IsFault(Exception fault) => IsStoreFault(fault) || IsRefusal(fault);

    /// <summary>The store's fault in words, on one line: without what Npgsql adds about details that it leaves out.</summary>
    public static string Reason(Exception fault) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } full => $"its disk is full: {full.SqlState}: {full.MessageText}",
        PostgresException refused => $"{refused.SqlState}: {refused.MessageText}",
        _ => fault.Message,
    };

    /// <summary>The store's fault as callers of the grid see it.</summary>
    public static StoreUnavailableException Unavailable(Exception fault) =>
        new($"the store does not take or give data: {Reason(fault)}", RetryAfter, fault);

    public async ValueTask DisposeAsync()
    {
        await _own.DisposeAsync().ConfigureAwait(false);
        await _queries.DisposeAsync().ConfigureAwait(false);
    }

    private async Task BeginTurnsAsync(NpgsqlConnection connection, IReadOnlyCollection<int> partitions, string owner, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using (var patience = new NpgsqlCommand($"set local lock_timeout = '{(int)TurnPatience.TotalMilliseconds}ms'", connection))
        {
            await patience.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        await using var command = new NpgsqlCommand(
            """
            insert into partition_turn as t (partition, turn, owner) select p, 1, $2 from unnest($1::smallint[]) p order by p
            on conflict (partition) do update set turn = t.turn + 1, owner = excluded.owner
            returning partition, turn
            """, connection)
        {
            Parameters = { new() { Value = Numbers(partitions) }, new() { Value = owner } },
        };
        var turns = new List<(int Partition, long Turn)>();
        await using (var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
            {
                turns.Add((rows.GetInt16(0), rows.GetInt64(1)));
            }
        }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        _writes = true;
        foreach (var (partition, turn) in turns)
        {
            _turns[partition] = turn;
        }
    }

    // Sessions of writers whose process hangs or is cut off: they hold their turn for as long as Postgres believes in them.
    private static async Task EndStandingAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select pg_terminate_backend(a.pid) from pg_stat_activity a
            where a.pid <> pg_backend_pid() and a.datname = current_database() and a.state_change < clock_timestamp() - make_interval(secs => $1)
                and (a.state like 'idle in transaction%' or a.wait_event_type = 'Client')
                and exists (select from pg_locks l where l.pid = a.pid and l.granted and l.relation = 'partition_turn'::regclass)
            """, connection)
        {
            Parameters = { new() { Value = TurnPatience.TotalSeconds / 2 } },
        };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static short[] Numbers(IReadOnlyCollection<int> partitions) => [.. partitions.Order().Select(p => (short)p)];

    private static NpgsqlDataSource Build(string connectionString, int connections)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        var settings = builder.ConnectionStringBuilder;
        settings.ApplicationName ??= "sensorgrid";
        settings.Timeout = Math.Min(settings.Timeout, 5);
        settings.MaxPoolSize = connections;
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, connections);
        settings.GssEncryptionMode = WithoutFallback(settings);
        builder.UsePhysicalConnectionInitializer(Prove, ProveAsync);
        return builder.Build();
    }

    // Where opening fails on the way and Npgsql tries again with less encryption, it hands out a connector of which it has disposed parts (npgsql issues 6415 and
    // 6506): the first command of every transaction fails, for as long as it lies in the pool.
    private static void Prove(NpgsqlConnection connection) => ProveAsync(connection).GetAwaiter().GetResult();

    private static async Task ProveAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException fault)
        {
            throw new NpgsqlException("The connection broke while it was opened", fault);
        }
    }
}
