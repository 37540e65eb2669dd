using System.Globalization;
using Npgsql;

namespace SensorGrid.Historian.Log;

/// <summary>
/// The tables of the log, one a generation: <c>log_00000001</c> and so on. The program that appends to one holds an advisory lock on its number, so that no
/// other drops it.
/// </summary>
public static class LogTables
{
    /// <summary>"SLog" in ASCII.</summary>
    private const int LockClass = 0x534c6f67;

    public static string Name(long generation) => string.Create(CultureInfo.InvariantCulture, $"log_{generation:00000000}");

    /// <summary>The generations that there are, ascending.</summary>
    public static async Task<List<long>> ListAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select substr(relname, 5)::bigint from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname ~ '^log_[0-9]{8,}$' order by 1",
            connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var generations = new List<long>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            generations.Add(rows.GetInt64(0));
        }
        return generations;
    }

    public static async Task CreateAsync(NpgsqlConnection connection, long generation, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select create_log_table($1)", connection) { Parameters = { new() { Value = (int)generation } } };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>For each of some partitions that has rows in a table the position after the last; none where the table has been dropped.</summary>
    internal static async Task<Dictionary<int, long>> ReadEndsAsync(
        NpgsqlConnection connection, long generation, IReadOnlyCollection<int> partitions, CancellationToken cancellation)
    {
        var ends = new Dictionary<int, long>();
        try
        {
            await using var command = new NpgsqlCommand(
                $"select partition, max(position + count) from {Name(generation)} where partition = any($1) group by partition", connection)
            {
                Parameters = { new() { Value = partitions.Select(p => (short)p).ToArray() } },
            };
            await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
            {
                ends[rows.GetInt16(0)] = rows.GetInt64(1);
            }
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // Dropped since it was listed: every checkpoint has passed it.
        }
        return ends;
    }

    /// <summary>Whether a table has the row of a partition that begins at a position.</summary>
    internal static async Task<bool> HoldsAsync(NpgsqlConnection connection, long generation, int partition, long position, CancellationToken cancellation)
    {
        try
        {
            await using var command = new NpgsqlCommand(
                $"select exists (select 1 from {Name(generation)} where partition = $1 and position = $2)", connection)
            {
                Parameters = { new() { Value = (short)partition }, new() { Value = position } },
            };
            return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return false;
        }
    }

    /// <summary>Whether the checkpoints have passed all rows of a table.</summary>
    internal static async Task<bool> IsPassedAsync(NpgsqlConnection connection, long generation, CancellationToken cancellation)
    {
        try
        {
            await using var command = new NpgsqlCommand(
                $"select not exists (select from {Name(generation)} l left join checkpoint c using (partition) where l.position + l.count > coalesce(c.position, 0))",
                connection);
            return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return false;
        }
    }

    /// <summary>Takes a table's lock for this session; false where another has it.</summary>
    internal static async Task<bool> TryLockAsync(NpgsqlConnection connection, long generation, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({LockClass}, $1)", connection) { Parameters = { new() { Value = (int)generation } } };
        return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    internal static async Task UnlockAsync(NpgsqlConnection connection, long generation, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select pg_advisory_unlock({LockClass}, $1)", connection) { Parameters = { new() { Value = (int)generation } } };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>False where a reader holds it, a program appends to it, or it has got rows meanwhile.</summary>
    internal static async Task<bool> TryDropAsync(NpgsqlConnection connection, long generation, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        try
        {
            await using (var patience = new NpgsqlCommand("set local lock_timeout = '100ms'", connection))
            {
                await patience.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            }
            await using var mine = new NpgsqlCommand($"select pg_try_advisory_xact_lock({LockClass}, $1)", connection) { Parameters = { new() { Value = (int)generation } } };
            if (await mine.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is not true
                || !await IsPassedAsync(connection, generation, cancellation).ConfigureAwait(false))
            {
                return false;
            }
            await using var drop = new NpgsqlCommand($"drop table if exists {Name(generation)}", connection);
            await drop.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }
}
