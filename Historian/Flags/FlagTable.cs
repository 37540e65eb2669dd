using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;

namespace SensorGrid.Historian.Flags;

/// <summary>The table of flags.</summary>
public static class FlagTable
{
    /// <summary>Flags that overlap a span, newest beginning first; <paramref name="sensors"/> null for all sensors.</summary>
    public static async Task<List<FlagRow>> ReadAsync(
        Database database, SensorCatalog catalog, int[]? sensors, long from, long to, AlarmState? state, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenQueryAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            """
            select id, sensor, detector, severity, from_time, to_time, score, state from flag
            where from_time < $1 and (to_time is null or to_time >= $2) and ($3::int[] is null or sensor = any($3)) and ($4::smallint is null or state = $4)
            order by from_time desc, id limit $5
            """, connection.Connection)
        {
            Parameters =
            {
                new() { Value = to },
                new() { Value = from },
                new() { Value = (object?)sensors ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Integer },
                new() { Value = state is { } s ? (short)s : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Smallint },
                new() { Value = limit },
            },
        };
        return await ReadAsync(command, catalog, cancellation).ConfigureAwait(false);
    }

    /// <summary>The open flags of some sensors and, under <see cref="FlagRow.MachineOf"/>, of machines.</summary>
    public static async Task<List<FlagRow>> ReadOpenAsync(
        Database database, SensorCatalog catalog, IEnumerable<int> sensors, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "select id, sensor, detector, severity, from_time, to_time, score, state from flag where sensor = any($1) and to_time is null order by from_time", connection)
        {
            Parameters = { new() { Value = sensors.ToArray() } },
        };
        return await ReadAsync(command, catalog, cancellation).ConfigureAwait(false);
    }

    private static async Task<List<FlagRow>> ReadAsync(NpgsqlCommand command, SensorCatalog catalog, CancellationToken cancellation)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var flags = new List<FlagRow>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var sensor = rows.GetInt32(1);
            if ((sensor < 0 ? catalog[FlagRow.MachineOf(sensor)]?.Machine.Path : catalog[sensor]?.Path) is { } path)
            {
                flags.Add(new FlagRow(sensor, new Flag(
                    rows.GetString(0), path, rows.GetString(2), (Severity)rows.GetInt16(3), rows.GetInt64(4),
                    rows.IsDBNull(5) ? null : rows.GetInt64(5), rows.GetDouble(6), (AlarmState)rows.GetInt16(7))));
            }
        }
        return flags;
    }

    internal static async Task UpsertAsync(NpgsqlConnection connection, IReadOnlyList<FlagRow> flags, CancellationToken cancellation)
    {
        if (flags.Count == 0)
        {
            return;
        }
        await using var command = new NpgsqlCommand(
            """
            insert into flag (id, sensor, detector, severity, from_time, to_time, score, state, first_seen, updated)
            select u.*, extract(epoch from now()) * 1000000, extract(epoch from now()) * 1000000
            from unnest($1::text[], $2::int[], $3::text[], $4::smallint[], $5::bigint[], $6::bigint[], $7::float8[], $8::smallint[]) u
            on conflict (id) do update set severity = excluded.severity, to_time = excluded.to_time, score = excluded.score,
                state = excluded.state, updated = excluded.updated
            """, connection)
        {
            CommandTimeout = Database.PatienceSeconds,
            Parameters =
            {
                new() { Value = flags.Select(f => f.Flag.Id).ToArray() },
                new() { Value = flags.Select(f => f.Sensor).ToArray() },
                new() { Value = flags.Select(f => f.Flag.Detector).ToArray() },
                new() { Value = flags.Select(f => (short)f.Flag.Severity).ToArray() },
                new() { Value = flags.Select(f => f.Flag.From).ToArray() },
                new() { Value = flags.Select(f => f.Flag.To).ToArray() },
                new() { Value = flags.Select(f => f.Flag.Score).ToArray() },
                new() { Value = flags.Select(f => (short)f.Flag.State).ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
