using System.Globalization;
using Npgsql;

namespace SensorGrid.Historian.Log;

/// <summary>The tables of the log, one a generation: <c>log_00000001</c> and so on.</summary>
public static class LogTables
{
    public static string Name(long generation) => string.Create(CultureInfo.InvariantCulture, $"log_{generation:00000000}");

    /// <summary>The generations that there are, oldest first.</summary>
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

    /// <summary>False where a reader holds it.</summary>
    public static async Task<bool> TryDropAsync(NpgsqlConnection connection, long generation, CancellationToken cancellation)
    {
        try
        {
            await using var command = new NpgsqlCommand($"set lock_timeout = '100ms'; drop table if exists {Name(generation)}; reset lock_timeout", connection);
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }
}
