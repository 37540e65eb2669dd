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
    private readonly List<Generation> _generations = [];
    private NpgsqlConnection? _connection;
    private string _copy = "";

    /// <summary>Bytes appended by this process.</summary>
    public long AppendedBytes { get; private set; }

    /// <summary>The position that the next reading of a partition gets: the number of readings before it.</summary>
    public long Next(int partition) => _next[partition];

    /// <summary>Finds the log's end and begins a new generation. <paramref name="checkpoints"/>: a partition's position where no row tells more.</summary>
    /// <exception cref="LogTakenException">Another program writes it.</exception>
    public async Task OpenAsync(IReadOnlyList<long> checkpoints, CancellationToken cancellation)
    {
        for (var p = 0; p < partitions; p++)
        {
            _next[p] = checkpoints[p];
        }
        _connection = await ConnectAsync(cancellation).ConfigureAwait(false);
        foreach (var number in await LogTables.ListAsync(_connection, cancellation).ConfigureAwait(false))
        {
            var generation = new Generation(number, partitions);
            await ReadEndsAsync(_connection, generation, cancellation).ConfigureAwait(false);
            for (var p = 0; p < partitions; p++)
            {
                _next[p] = Math.Max(_next[p], generation.End[p]);
            }
            _generations.Add(generation);
        }
        await BeginGenerationAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Commits a group: when the task completes it is on disk. On an exception it may or may not be:
    /// <see cref="ReconnectAsync"/> tells.
    /// </summary>
    /// <exception cref="NpgsqlException">The store refused or is gone.</exception>
    public async Task AppendAsync(LogGroup group, CancellationToken cancellation)
    {
        var connection = _connection ?? throw new IOException("the log has no connection");
        if (group.NewSensors.Count == 0 && group.DeadLetters.Count == 0)
        {
            await CopyAsync(connection, group.Rows, cancellation).ConfigureAwait(false);
        }
        else
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await SensorTable.CopyAsync(connection, group.NewSensors, cancellation).ConfigureAwait(false);
            await DeadLetterTable.CopyAsync(connection, group.DeadLetters, cancellation).ConfigureAwait(false);
            await CopyAsync(connection, group.Rows, cancellation).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
        var generation = _generations[^1];
        foreach (var row in group.Rows)
        {
            generation.End[row.Partition] = _next[row.Partition] += row.Count;
            generation.Bytes += row.Data.Length;
            AppendedBytes += row.Data.Length;
        }
        if (generation.Bytes >= options.GenerationBytes)
        {
            await BeginGenerationAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// After a failed <see cref="AppendAsync"/>: connects anew and says whether that group was committed after all; positions are right again then.
    /// </summary>
    public async Task<bool> ReconnectAsync(LogGroup? failed, CancellationToken cancellation)
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
            var committed = false;
            var generation = _generations[^1];
            var tables = await LogTables.ListAsync(connection, cancellation).ConfigureAwait(false);
            if (tables.Contains(generation.Number))
            {
                await ReadEndsAsync(connection, generation, cancellation).ConfigureAwait(false);
            }
            for (var p = 0; p < partitions; p++)
            {
                committed |= generation.End[p] > _next[p];
                _next[p] = Math.Max(_next[p], generation.End[p]);
            }
            // A group without rows (refused input only) leaves no trace in the log; its senders were told to repeat it.
            _connection = connection;
            await BeginGenerationAsync(cancellation).ConfigureAwait(false);
            return committed && failed is not null;
        }
        catch
        {
            _connection = null;
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

    private async Task CopyAsync(NpgsqlConnection connection, List<LogRow> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return;
        }
        await using var import = await connection.BeginBinaryImportAsync(_copy, cancellation).ConfigureAwait(false);
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

    private async Task BeginGenerationAsync(CancellationToken cancellation)
    {
        var number = _generations.Count == 0 ? 1 : _generations[^1].Number + 1;
        await LogTables.CreateAsync(_connection!, number, cancellation).ConfigureAwait(false);
        var generation = new Generation(number, partitions);
        _next.CopyTo(generation.End, 0);
        lock (_generations)
        {
            _generations.Add(generation);
        }
        _copy = $"copy {LogTables.Name(number)} (partition, position, count, data) from stdin (format binary)";
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
