using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using SensorGrid.Historian.DeadLetters;
using SensorGrid.Historian.Sensors;

namespace SensorGrid.Historian.Log;

/// <summary>
/// The log in Postgres: durable, ordered, partitioned. Its rows lie in a succession of tables (generations), so that what the checkpoints have
/// passed is dropped at once rather than deleted row by row. One writer: <see cref="AppendAsync"/> and <see cref="ReconnectAsync"/> are not
/// thread-safe; <see cref="ReadAsync"/> may run beside them.
/// </summary>
public sealed class PostgresLog(Database database, int partitions, PostgresLogOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Key of the advisory lock that the writer's connection holds: "SensorLo" in ASCII.</summary>
    private const long WriterKey = 0x53656e736f724c6f;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly long[] _next = new long[partitions];

    // Locked: the writer adds, TrimAsync removes.
    private readonly List<Generation> _generations = [];
    private Generation _current = new(0, partitions);
    private NpgsqlConnection? _connection;

    // Of which it is not known whether it was committed.
    private LogGroup? _inDoubt;

    /// <summary>Bytes appended by this process.</summary>
    public long AppendedBytes { get; private set; }

    /// <summary>The position that the next reading of a partition gets: the number of readings before it.</summary>
    public long Next(int partition) => _next[partition];

    /// <summary>Begins a turn as the one program that writes; what it writes is read after this.</summary>
    /// <exception cref="LogTakenException">Another program writes.</exception>
    public async Task ClaimAsync(CancellationToken cancellation)
    {
        _connection = await ConnectAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("update writer set turn = turn + 1 returning turn", _connection);
        database.WriterTurn = (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    /// <summary>Finds the log's end, once claimed, and begins a new generation. <paramref name="checkpoints"/>: a partition's position where no row tells more.</summary>
    public async Task OpenAsync(IReadOnlyList<long> checkpoints, CancellationToken cancellation)
    {
        for (var p = 0; p < partitions; p++)
        {
            _next[p] = checkpoints[p];
        }
        var connection = _connection ?? throw new InvalidOperationException("the log is not claimed");
        foreach (var number in await LogTables.ListAsync(connection, cancellation).ConfigureAwait(false))
        {
            var generation = new Generation(number, partitions);
            await ReadEndsAsync(connection, generation, cancellation).ConfigureAwait(false);
            for (var p = 0; p < partitions; p++)
            {
                _next[p] = Math.Max(_next[p], generation.End[p]);
            }
            Add(generation);
        }
        await BeginGenerationAsync(connection, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Commits a group: when the task completes it is on disk. Where the store refuses something in it (<see cref="Database.IsRefusal"/>) nothing of it is,
    /// and the next group may be appended; after any other exception it may or may not be: <see cref="ReconnectAsync"/> tells.
    /// </summary>
    /// <param name="group">To be left as it is until the outcome is known.</param>
    /// <exception cref="NpgsqlException">The store refused or is gone.</exception>
    public async Task AppendAsync(LogGroup group, CancellationToken cancellation)
    {
        var connection = _connection ?? throw new IOException("the log has no connection");
        if (_current.Bytes >= options.GenerationBytes)
        {
            await BeginGenerationAsync(connection, cancellation).ConfigureAwait(false);
        }
        _inDoubt = group;
        try
        {
            await CommitAsync(connection, group, cancellation).ConfigureAwait(false);
            Advance(group);
        }
        catch (Exception fault) when (Database.IsRefusal(fault))
        {
            _inDoubt = null;
            throw;
        }
    }

    /// <summary>
    /// After a failed <see cref="AppendAsync"/>: connects anew and says whether that group was committed after all; positions are right again then. To be
    /// repeated where it fails. A group without readings leaves no trace and counts as not committed; appending it again is harmless.
    /// </summary>
    /// <exception cref="WriterReplacedException">Another program has had a turn meanwhile.</exception>
    public async Task<bool> ReconnectAsync(CancellationToken cancellation)
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
            _connection = null;
        }
        database.ForgetConnections();
        var connection = await ConnectAsync(cancellation).ConfigureAwait(false);
        try
        {
            await database.HoldTurnAsync(connection, cancellation).ConfigureAwait(false);
            // The session that wrote the group has ended, or it would hold the writer's lock still.
            var committed = _inDoubt is { Rows: [var first, ..] } && await HoldsAsync(connection, first, cancellation).ConfigureAwait(false);
            _connection = connection;
            if (committed)
            {
                Advance(_inDoubt!);
            }
            _inDoubt = null;
            return committed;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Reads a partition from a position, oldest first. <c>Skip</c> readings at the beginning of a row lie before the position. The data is valid until
    /// the next row is asked for.
    /// </summary>
    public async IAsyncEnumerable<(int Skip, int Count, ReadOnlyMemory<byte> Data)> ReadAsync(
        int partition, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        foreach (var number in await LogTables.ListAsync(connection, cancellation).ConfigureAwait(false))
        {
            await using var command = new NpgsqlCommand(
                $"select position, count, data from {LogTables.Name(number)} where partition = $1 and position + count > $2 order by position", connection)
            {
                Parameters = { new() { Value = (short)partition }, new() { Value = from } },
            };
            await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
            {
                var position = rows.GetInt64(0);
                yield return ((int)Math.Max(0, from - position), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2));
            }
        }
    }

    /// <summary>
    /// Drops the tables that every partition's checkpoint has passed for <see cref="PostgresLogOptions.KeepPassed"/>; where nothing will be appended any
    /// more all that it has passed, the newest one as well. One that a reader holds is left for the next time.
    /// </summary>
    public async Task TrimAsync(IReadOnlyList<long> checkpoints, bool isLast, CancellationToken cancellation)
    {
        Generation[] passed;
        lock (_generations)
        {
            passed = [.. _generations.SkipLast(isLast ? 0 : 1).Where(g => IsPassed(g, checkpoints, isLast ? TimeSpan.Zero : options.KeepPassed))];
        }
        if (passed.Length == 0)
        {
            return;
        }
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        foreach (var generation in passed)
        {
            if (await LogTables.TryDropAsync(connection, generation.Number, cancellation).ConfigureAwait(false))
            {
                lock (_generations)
                {
                    _generations.Remove(generation);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The view of plain SQL leaves out what lies before the checkpoints, however long the table stays.
    private bool IsPassed(Generation generation, IReadOnlyList<long> checkpoints, TimeSpan since)
    {
        if (!generation.IsPassed(checkpoints))
        {
            return false;
        }
        generation.PassedAt ??= time.GetTimestamp();
        return time.GetElapsedTime(generation.PassedAt.Value) >= since;
    }

    // The lock goes with the connection. That of a program that has just died may take a moment to end.
    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation)
    {
        var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        try
        {
            await using var command = new NpgsqlCommand(
                $"set lock_timeout = '{(int)LockPatience.TotalMilliseconds}ms'; select pg_advisory_lock({WriterKey}); reset lock_timeout", connection);
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new LogTakenException();
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task CommitAsync(NpgsqlConnection connection, LogGroup group, CancellationToken cancellation)
    {
        if (group.NewSensors.Count == 0 && group.DeadLetters.Count == 0)
        {
            await CopyAsync(connection, group.Rows, cancellation).ConfigureAwait(false);
            return;
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await SensorTable.AddAsync(connection, group.NewSensors, cancellation).ConfigureAwait(false);
        await DeadLetterTable.AddAsync(connection, group.DeadLetters, options.DeadLetters, cancellation).ConfigureAwait(false);
        await CopyAsync(connection, group.Rows, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<bool> HoldsAsync(NpgsqlConnection connection, LogRow row, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select exists (select 1 from {LogTables.Name(_current.Number)} where partition = $1 and position = $2)", connection)
        {
            Parameters = { new() { Value = (short)row.Partition }, new() { Value = _next[row.Partition] } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    // The group is on disk.
    private void Advance(LogGroup group)
    {
        _inDoubt = null;
        foreach (var row in group.Rows)
        {
            _current.End[row.Partition] = _next[row.Partition] += row.Count;
            _current.Bytes += row.Data.Length;
            AppendedBytes += row.Data.Length;
        }
    }

    private async Task CopyAsync(NpgsqlConnection connection, List<LogRow> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return;
        }
        await using var import = await connection.BeginBinaryImportAsync(
            $"copy {LogTables.Name(_current.Number)} (partition, position, count, data) from stdin (format binary)", cancellation).ConfigureAwait(false);
        var positions = (long[])_next.Clone();
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellation).ConfigureAwait(false);
            await import.WriteAsync((short)row.Partition, NpgsqlDbType.Smallint, cancellation).ConfigureAwait(false);
            await import.WriteAsync(positions[row.Partition], NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
            await import.WriteAsync(row.Count, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
            await import.WriteAsync(row.Data, NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
            positions[row.Partition] += row.Count;
        }
        await import.CompleteAsync(cancellation).ConfigureAwait(false);
    }

    private async Task BeginGenerationAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // It may be there already, empty, from an attempt whose answer never came.
        var generation = new Generation(_current.Number + 1, partitions);
        await LogTables.CreateAsync(connection, generation.Number, cancellation).ConfigureAwait(false);
        _next.CopyTo(generation.End, 0);
        Add(generation);
    }

    private void Add(Generation generation)
    {
        lock (_generations)
        {
            _generations.Add(generation);
        }
        _current = generation;
    }

    private static async Task ReadEndsAsync(NpgsqlConnection connection, Generation generation, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            string.Create(CultureInfo.InvariantCulture, $"select partition, max(position + count), sum(length(data)) from {LogTables.Name(generation.Number)} group by partition"),
            connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            generation.End[rows.GetInt16(0)] = rows.GetInt64(1);
            generation.Bytes += rows.GetInt64(2);
        }
    }

    private sealed class Generation(long number, int partitions)
    {
        public long Number { get; } = number;

        /// <summary>For each partition the position after its last reading in this table or before it.</summary>
        public long[] End { get; } = new long[partitions];

        public long Bytes { get; set; }

        /// <summary>When it was first seen that every checkpoint has passed it.</summary>
        public long? PassedAt { get; set; }

        public bool IsPassed(IReadOnlyList<long> checkpoints)
        {
            for (var p = 0; p < End.Length; p++)
            {
                if (End[p] > checkpoints[p])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
