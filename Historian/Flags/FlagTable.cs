using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;

namespace SensorGrid.Historian.Flags;

/// <summary>The table of flags, read with what people have made of them (<see cref="FlagAlarmTable"/>).</summary>
public static class FlagTable
{
    private const string Select =
        """
        select f.id, f.sensor, f.detector, f.severity, f.from_time, f.to_time, f.score, f.state, f.backfilled, a.state, a.acknowledged
        from flag f left join flag_alarm a on a.flag = f.id
        """;

    private const string Rows =
        """
        select u.*, extract(epoch from now()) * 1000000, extract(epoch from now()) * 1000000
        from unnest($1::text[], $2::int[], $3::text[], $4::smallint[], $5::bigint[], $6::bigint[], $7::float8[], $8::smallint[], $9::boolean[]) u
        """;

    /// <summary>Flags that overlap a span, newest beginning first; <paramref name="sensors"/> null for all sensors.</summary>
    /// <param name="after">The last of the page before; null for the first page.</param>
    public static async Task<List<FlagRow>> ReadAsync(
        Database database, SensorCatalog catalog, int[]? sensors, long from, long to, AlarmState? state, Flag? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenQueryAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            $"""
            {Select}
            where f.from_time <= $1 and (f.from_time < $1 or f.id > $6) and (f.to_time is null or f.to_time >= $2) and ($3::int[] is null or f.sensor = any($3))
                and ($4::smallint is null or case when f.to_time is null then coalesce(a.state, f.state) else f.state end = $4)
            order by f.from_time desc, f.id limit $5
            """, connection.Connection)
        {
            Parameters =
            {
                new() { Value = after?.From ?? to },
                new() { Value = from },
                new() { Value = (object?)sensors ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Integer },
                new() { Value = state is { } s ? (short)s : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Smallint },
                new() { Value = limit },
                new() { Value = (object?)after?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
            },
        };
        return await ReadAsync(command, catalog, cancellation).ConfigureAwait(false);
    }

    /// <summary>The flags of a sensor that overlap a span. The grid's own work: it waits for no query.</summary>
    public static async Task<List<FlagRow>> ReadOfAsync(
        Database database, SensorCatalog catalog, int sensor, long from, long to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            $"{Select} where f.sensor = $1 and f.from_time < $2 and (f.to_time is null or f.to_time >= $3)", connection)
        {
            CommandTimeout = Database.PatienceSeconds,
            Parameters = { new() { Value = sensor }, new() { Value = to }, new() { Value = from } },
        };
        return await ReadAsync(command, catalog, cancellation).ConfigureAwait(false);
    }

    /// <summary>The open flags of some sensors and, under <see cref="FlagRow.MachineOf"/>, of machines.</summary>
    public static async Task<List<FlagRow>> ReadOpenAsync(
        Database database, SensorCatalog catalog, IEnumerable<int> sensors, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            $"{Select} where f.sensor = any($1) and f.to_time is null order by f.from_time", connection)
        {
            Parameters = { new() { Value = sensors.ToArray() } },
        };
        return await ReadAsync(command, catalog, cancellation).ConfigureAwait(false);
    }

    /// <summary>The flag of an id; null where there is none.</summary>
    public static async Task<FlagRow?> FindAsync(Database database, SensorCatalog catalog, string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenQueryAsync(cancellation).ConfigureAwait(false);
        await using var command = connection.Connection.Command($"{Select} where f.id = $1", id);
        return (await ReadAsync(command, catalog, cancellation).ConfigureAwait(false)).SingleOrDefault();
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
                var flag = new Flag(
                    rows.GetString(0), path, rows.GetString(2), (Severity)rows.GetInt16(3), rows.GetInt64(4),
                    rows.IsDBNull(5) ? null : rows.GetInt64(5), rows.GetDouble(6), (AlarmState)rows.GetInt16(7), rows.GetBoolean(8));
                flags.Add(new FlagRow(sensor, rows.IsDBNull(9) ? flag
                    : new FlagAlarm((AlarmState)rows.GetInt16(9), rows.IsDBNull(10) ? null : rows.GetInt64(10)).On(flag)));
            }
        }
        return flags;
    }

    /// <summary>Stores what the replay of a sensor's late spans raised and ends the spans' waiting, in one transaction.</summary>
    /// <param name="partition">That of the sensor.</param>
    /// <param name="replaced">Ids of backfilled flags that go because some of these cover them.</param>
    /// <param name="spans">Ids of spans.</param>
    public static async Task BackfillAsync(
        Database database, int partition, IReadOnlyList<FlagRow> flags, IReadOnlyCollection<string> replaced, IReadOnlyCollection<long> spans, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await database.HoldTurnsAsync(connection, [partition], cancellation).ConfigureAwait(false);
        if (replaced.Count > 0)
        {
            await ExecuteAsync(connection, "delete from flag where id = any($1) and backfilled", cancellation, [replaced.ToArray()]).ConfigureAwait(false);
        }
        if (flags.Count > 0)
        {
            await ExecuteAsync(
                connection,
                $"""
                insert into flag (id, sensor, detector, severity, from_time, to_time, score, state, backfilled, first_seen, updated)
                {Rows}
                on conflict (id) do update set severity = excluded.severity, to_time = excluded.to_time, score = excluded.score, updated = excluded.updated
                where flag.backfilled
                """, cancellation, Columns(flags)).ConfigureAwait(false);
        }
        await ExecuteAsync(connection, "delete from late_span where id = any($1)", cancellation, [spans.ToArray()]).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    // What a detector raised live stands: a backfilled flag of its time goes.
    internal static async Task UpsertAsync(NpgsqlConnection connection, IReadOnlyList<FlagRow> flags, CancellationToken cancellation)
    {
        if (flags.Count == 0)
        {
            return;
        }
        await ExecuteAsync(
            connection,
            $"""
            insert into flag (id, sensor, detector, severity, from_time, to_time, score, state, backfilled, first_seen, updated)
            {Rows}
            on conflict (id) do update set severity = excluded.severity, to_time = excluded.to_time, score = excluded.score,
                state = excluded.state, backfilled = excluded.backfilled, updated = excluded.updated
            """, cancellation, Columns(flags)).ConfigureAwait(false);
        await ExecuteAsync(
            connection,
            """
            delete from flag b using unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[]) l(sensor, detector, from_time, to_time)
            where b.backfilled and b.sensor = l.sensor and b.detector = l.detector
                and b.to_time > l.from_time and (l.to_time is null or b.from_time < l.to_time)
            """, cancellation,
            flags.Select(f => f.Sensor).ToArray(), flags.Select(f => f.Flag.Detector).ToArray(), flags.Select(f => f.Flag.From).ToArray(),
            flags.Select(f => f.Flag.To).ToArray()).ConfigureAwait(false);
    }

    private static object[] Columns(IReadOnlyList<FlagRow> flags) =>
    [
        flags.Select(f => f.Flag.Id).ToArray(), flags.Select(f => f.Sensor).ToArray(), flags.Select(f => f.Flag.Detector).ToArray(),
        flags.Select(f => (short)f.Flag.Severity).ToArray(), flags.Select(f => f.Flag.From).ToArray(), flags.Select(f => f.Flag.To).ToArray(),
        flags.Select(f => f.Flag.Score).ToArray(), flags.Select(f => (short)f.Flag.State).ToArray(), flags.Select(f => f.Flag.Backfilled).ToArray(),
    ];

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] parameters)
    {
        await using var command = connection.PatientCommand(sql, parameters);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
