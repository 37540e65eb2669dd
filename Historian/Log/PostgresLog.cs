using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using SensorGrid.Historian.DeadLetters;
using SensorGrid.Historian.Sensors;

namespace SensorGrid.Historian.Log;

/// <summary>
/// The log in Postgres: durable, ordered, partitioned. Its rows lie in tables (generations) that one program each appends to, so that what the checkpoints
/// have passed is dropped at once rather than deleted row by row. <see cref="AppendAsync"/> and <see cref="ReconnectAsync"/> are not thread-safe; the others
/// may run beside them.
/// </summary>
public sealed class PostgresLog(Database database, int partitions, PostgresLogOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Key of the advisory lock that every program's connection holds: "SensorLo" in ASCII.</summary>
    private const long ProgramKey = 0x53656e736f724c6f;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly long[] _next = new long[partitions];

    // When it was first seen that every checkpoint has passed a table.
    private readonly Dictionary<long, long> _passedAt = [];
    private long? _trimmedAt;
    private NpgsqlConnection? _connection;

    // The table that is appended to.
    private long? _generation;
    private long _generationBytes;

    // Of which it is not known whether it was committed.
    private LogGroup? _inDoubt;

    /// <summary>Bytes appended by this process.</summary>
    public long AppendedBytes { get; private set; }

    /// <summary>The position that the next reading of a partition gets: the number of readings before it.</summary>
    public long Next(int partition) => Volatile.Read(ref _next[partition]);

    /// <summary>Opens the connection that appends, and begins a table. First of all.</summary>
    /// <exception cref="LogTakenException">Another program writes, and both do not share the log.</exception>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        _connection = await OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await BeginGenerationAsync(_connection, cancellation).ConfigureAwait(false);
    }

    /// <summary>Begins a turn as the one program that writes these partitions; what it writes is read after this.</summary>
    /// <param name="owner">For people who look at the table of turns.</param>
    public Task ClaimAsync(IReadOnlyCollection<int> claimed, string owner, CancellationToken cancellation) =>
        database.BeginTurnsAsync(claimed, owner, cancellation);

    /// <summary>Finds the ends of partitions, once they are claimed.</summary>
    /// <param name="checkpoints">Of every partition: its position where no row tells more.</param>
    public async Task OpenAsync(IReadOnlyCollection<int> claimed, IReadOnlyList<long> checkpoints, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        var ends = claimed.ToDictionary(p => p, p => checkpoints[p]);
        foreach (var number in await LogTables.ListAsync(connection, cancellation).ConfigureAwait(false))
        {
            foreach (var (partition, end) in await LogTables.ReadEndsAsync(connection, number, claimed, cancellation).ConfigureAwait(false))
            {
                ends[partition] = Math.Max(ends[partition], end);
            }
        }
        foreach (var (partition, end) in ends)
        {
            Volatile.Write(ref _next[partition], end);
        }
    }

    /// <summary>Gives a partition up. Nothing of it may be waiting to be appended.</summary>
    public void Release(int partition) => database.EndTurn(partition);

    /// <summary>The same, and lets others see that nobody has it now.</summary>
    public Task ReleaseAsync(int partition, CancellationToken cancellation) => database.EndTurnAsync(partition, cancellation);

    /// <summary>
    /// Commits a group: when the task completes it is on disk. Where the store refuses something in it (<see cref="Database.IsRefusal"/>) or a partition of it
    /// is written by another program nothing of it is, and the next group may be appended; after any other exception it may or may not be:
    /// <see cref="ReconnectAsync"/> tells.
    /// </summary>
    /// <param name="group">To be left as it is until the outcome is known.</param>
    /// <exception cref="NpgsqlException">The store refused or is gone.</exception>
    /// <exception cref="WriterReplacedException">Where the log is shared: another program writes some of the partitions.</exception>
    public async Task AppendAsync(LogGroup group, CancellationToken cancellation)
    {
        var connection = _connection ?? throw new IOException("the log has no connection");
        if (_generation is null || _generationBytes >= options.GenerationBytes)
        {
            await BeginGenerationAsync(connection, cancellation).ConfigureAwait(false);
        }
        _inDoubt = group;
        try
        {
            await CommitAsync(connection, group, cancellation).ConfigureAwait(false);
            Advance(group);
        }
        catch (Exception fault) when (Database.IsRefusal(fault) || fault is WriterReplacedException)
        {
            _inDoubt = null;
            throw;
        }
    }

    /// <summary>
    /// After a failed <see cref="AppendAsync"/>: connects anew and says whether that group was committed after all; positions are right again then. To be
    /// repeated where it fails. A group without readings leaves no trace and counts as not committed; appending it again is harmless.
    /// </summary>
    /// <exception cref="WriterReplacedException">Another program has had a turn meanwhile, and both do not share the log.</exception>
    public async Task<bool> ReconnectAsync(CancellationToken cancellation)
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
            _connection = null;
        }
        database.ForgetConnections();
        var connection = await OpenConnectionAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!options.IsShared)
            {
                await database.HoldTurnsAsync(connection, database.Written, cancellation).ConfigureAwait(false);
            }
            // The session that wrote the group has ended, or it would hold its lock still.
            var committed = _inDoubt is { Rows: [var first, ..] } && _generation is { } generation
                && await LogTables.HoldsAsync(connection, generation, first.Partition, Next(first.Partition), cancellation).ConfigureAwait(false);
            _connection = connection;
            if (committed)
            {
                Advance(_inDoubt!);
            }
            _inDoubt = null;
            // The lock that kept it from being dropped went with the connection.
            _generation = null;
            return committed;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Reads a partition from a position, oldest first: the row that it lies in, and those after it. Nothing in them is verified.
    /// </summary>
    public async IAsyncEnumerable<StoredLogRow> ReadAsync(int partition, long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        var tables = new List<long>();
        foreach (var number in await LogTables.ListAsync(connection, cancellation).ConfigureAwait(false))
        {
            if ((await LogTables.ReadEndsAsync(connection, number, [partition], cancellation).ConfigureAwait(false)).GetValueOrDefault(partition) > from)
            {
                tables.Add(number);
            }
        }
        if (tables.Count == 0)
        {
            yield break;
        }
        // A partition that went from one program to another lies in several tables, in any order.
        var rows = tables.Select(n => $"select '{LogTables.Name(n)}', position, count, data from {LogTables.Name(n)} where partition = $1 and position + count > $2");
        await using var command = new NpgsqlCommand($"{string.Join(" union all ", rows)} order by position", connection)
        {
            Parameters = { new() { Value = (short)partition }, new() { Value = from } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return new StoredLogRow(reader.GetString(0), reader.GetInt64(1), reader.GetInt32(2), reader.GetFieldValue<byte[]>(3));
        }
    }

    /// <summary>
    /// Drops tables, whoever wrote them, that every partition's checkpoint has passed for <see cref="PostgresLogOptions.KeepPassed"/>, save those that a
    /// program appends to. One that a reader holds is left for the next time. One call at a time.
    /// </summary>
    /// <param name="isLast">Nothing will be appended any more: all that is passed goes at once, the table that was appended to as well.</param>
    public async Task TrimAsync(bool isLast, CancellationToken cancellation)
    {
        if (!isLast && _trimmedAt is { } before && time.GetElapsedTime(before) < options.TrimInterval)
        {
            return;
        }
        _trimmedAt = time.GetTimestamp();
        if (isLast && _connection is not null && _generation is { } last)
        {
            await LogTables.UnlockAsync(_connection, last, cancellation).ConfigureAwait(false);
            _generation = null;
        }
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        foreach (var number in await LogTables.ListAsync(connection, cancellation).ConfigureAwait(false))
        {
            if (await IsPassedAsync(connection, number, isLast ? TimeSpan.Zero : options.KeepPassed, cancellation).ConfigureAwait(false)
                && await LogTables.TryDropAsync(connection, number, cancellation).ConfigureAwait(false))
            {
                _passedAt.Remove(number);
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
    private async Task<bool> IsPassedAsync(NpgsqlConnection connection, long number, TimeSpan since, CancellationToken cancellation)
    {
        if (number == _generation || !await LogTables.IsPassedAsync(connection, number, cancellation).ConfigureAwait(false))
        {
            _passedAt.Remove(number);
            return false;
        }
        if (!_passedAt.TryGetValue(number, out var passed))
        {
            _passedAt[number] = passed = time.GetTimestamp();
        }
        return time.GetElapsedTime(passed) >= since;
    }

    // The lock goes with the connection. That of a program that has just died may take a moment to end.
    private async Task<NpgsqlConnection> OpenConnectionAsync(CancellationToken cancellation)
    {
        var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        try
        {
            await using var command = new NpgsqlCommand(
                $"set lock_timeout = '{(int)LockPatience.TotalMilliseconds}ms'; " +
                $"select {(options.IsShared ? "pg_advisory_lock_shared" : "pg_advisory_lock")}({ProgramKey}); reset lock_timeout", connection);
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
        if (!options.IsShared && group.NewSensors.Count == 0 && group.DeadLetters.Count == 0)
        {
            // The connection's lock keeps all others out.
            await CopyAsync(connection, group.Rows, cancellation).ConfigureAwait(false);
            return;
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        if (options.IsShared)
        {
            await database.HoldTurnsAsync(connection, [.. group.Rows.Select(r => r.Partition).Distinct()], cancellation).ConfigureAwait(false);
        }
        await SensorTable.AddAsync(connection, group.NewSensors, cancellation).ConfigureAwait(false);
        await DeadLetterTable.AddAsync(connection, group.DeadLetters, options.DeadLetters, cancellation).ConfigureAwait(false);
        await CopyAsync(connection, group.Rows, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    // The group is on disk.
    private void Advance(LogGroup group)
    {
        _inDoubt = null;
        foreach (var row in group.Rows)
        {
            Volatile.Write(ref _next[row.Partition], _next[row.Partition] + row.Count);
            _generationBytes += row.Data.Length;
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
            $"copy {LogTables.Name(_generation!.Value)} (partition, position, count, data) from stdin (format binary)", cancellation).ConfigureAwait(false);
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
        var before = _generation;
        var number = (await LogTables.ListAsync(connection, cancellation).ConfigureAwait(false)).LastOrDefault();
        do
        {
            number++;
        }
        while (!await LogTables.TryLockAsync(connection, number, cancellation).ConfigureAwait(false));
        await LogTables.CreateAsync(connection, number, cancellation).ConfigureAwait(false);
        (_generation, _generationBytes) = (number, 0);
        if (before is { } left)
        {
            await LogTables.UnlockAsync(connection, left, cancellation).ConfigureAwait(false);
        }
    }
}
