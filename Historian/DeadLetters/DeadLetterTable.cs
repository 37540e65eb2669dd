using System.Text;
using Npgsql;
using NpgsqlTypes;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.DeadLetters;

/// <summary>The table of refused input. Bounded: what is added displaces the oldest.</summary>
public static class DeadLetterTable
{
    /// <summary>The newest, newest first.</summary>
    public static async Task<IReadOnlyList<DeadLetter>> ReadAsync(Database database, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenQueryAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "select id, time, source, line, reason, raw from dead_letter order by id desc limit $1", connection.Connection)
        {
            Parameters = { new() { Value = limit } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var letters = new List<DeadLetter>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            letters.Add(new DeadLetter(
                rows.GetInt64(0), EventTime.FromDateTime(rows.GetFieldValue<DateTimeOffset>(1)), rows.GetString(2), rows.GetInt32(3), rows.GetString(4),
                rows.GetFieldValue<byte[]>(5)));
        }
        return letters;
    }

    /// <summary>Adds letters, and forgets the oldest beyond the newest <paramref name="keep"/>.</summary>
    internal static async Task AddAsync(NpgsqlConnection connection, List<DeadLetter> letters, long keep, CancellationToken cancellation)
    {
        if (letters.Count == 0)
        {
            return;
        }
        await CopyAsync(connection, letters, cancellation).ConfigureAwait(false);
        await using var trim = new NpgsqlCommand("delete from dead_letter where id <= (select max(id) from dead_letter) - $1", connection)
        {
            Parameters = { new() { Value = keep } },
        };
        await trim.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, List<DeadLetter> letters, CancellationToken cancellation)
    {
        await using var import = await connection.BeginBinaryImportAsync(
            "copy dead_letter (time, source, line, reason, raw) from stdin (format binary)", cancellation).ConfigureAwait(false);
        foreach (var letter in letters)
        {
            await import.StartRowAsync(cancellation).ConfigureAwait(false);
            await import.WriteAsync(EventTime.ToDateTime(letter.Time), NpgsqlDbType.TimestampTz, cancellation).ConfigureAwait(false);
            await import.WriteAsync(Storable(letter.Source), NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
            await import.WriteAsync(letter.Line, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
            await import.WriteAsync(Storable(letter.Reason), NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
            await import.WriteAsync(letter.Raw, NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
        }
        await import.CompleteAsync(cancellation).ConfigureAwait(false);
    }

    // Reasons quote what was sent, and Postgres' text takes neither NUL nor half a surrogate pair: both become U+FFFD.
    private static string Storable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
}
