using Npgsql;

namespace SensorGrid.Historian.Queries;

/// <summary>What the store knows of a sensor without decoding anything.</summary>
/// <param name="SealedUntil">The time of its last reading in order, in microseconds since 1970; null where it has none.</param>
/// <param name="Readings">In its segments.</param>
/// <param name="LateReadings">That wait to be merged.</param>
/// <param name="Repeated">Duplicates and corrections among those that were merged.</param>
public readonly record struct StoredExtent(int Sensor, long? SealedUntil, long Readings, long LateReadings, long Repeated)
{
    /// <summary>Of each of the sensors, in their order.</summary>
    public static async Task<List<StoredExtent>> ReadAsync(Database database, IReadOnlyList<int> sensors, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            """
            select s.id, g.until, g.readings, l.readings, coalesce((select duplicates + corrections from late_count c where c.sensor = s.id), 0)
            from unnest($1::int[]) with ordinality s(id, n)
            cross join lateral (select max(end_time) as until, coalesce(sum(count), 0)::bigint as readings from segment g where g.sensor = s.id) g
            cross join lateral (select coalesce(sum(count), 0)::bigint as readings from late_segment l where l.sensor = s.id) l
            order by s.n
            """, connection)
        {
            CommandTimeout = Database.PatienceSeconds,
            Parameters = { new() { Value = sensors.ToArray() } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var extents = new List<StoredExtent>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            extents.Add(new StoredExtent(
                rows.GetInt32(0), rows.IsDBNull(1) ? null : rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4)));
        }
        return extents;
    }

    /// <summary>Whether there are segments or windows of any of the sensors.</summary>
    public static async Task<bool> AnyAsync(Database database, IReadOnlyList<int> sensors, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = connection.PatientCommand(
            """
            select exists (
                select from unnest($1::int[]) s(id) cross join lateral (
                    (select from segment g where g.sensor = s.id limit 1) union all (select from window_statistics w where w.sensor = s.id limit 1)) h)
            """, sensors.ToArray());
        return (bool)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    /// <summary>The first time of the newest so many segments of a sensor; the largest possible value where it has none.</summary>
    public static async Task<long> NewestFromAsync(Database database, int sensor, int segments, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "select min(start_time) from (select start_time from segment where sensor = $1 order by start_time desc limit $2) g", connection)
        {
            Parameters = { new() { Value = sensor }, new() { Value = segments } },
        };
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as long? ?? long.MaxValue;
    }
}
