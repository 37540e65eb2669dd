using Npgsql;
using SensorGrid.Historian.Queries;

namespace SensorGrid.Historian.Restating;

/// <summary>The table of spans that wait to be judged.</summary>
public static class LateSpanTable
{
    /// <summary>The next sensors, by id, that have spans waiting.</summary>
    /// <param name="after">The id of the sensor before the first.</param>
    /// <param name="patience">How long a span should wait at the most.</param>
    /// <param name="damage">Late readings that wait for one of these spans are not on their way.</param>
    public static async Task<List<LateSpanSensor>> SensorsAsync(
        Database database, IReadOnlyCollection<int> partitions, int after, int most, TimeSpan patience, IReadOnlyList<SensorSpan> damage, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            """
            select sensor, min(queued) < now() - $3, exists (
                select from late_segment l where l.sensor = s.sensor and l.judge and not exists (
                    select from unnest($4::int[], $5::bigint[], $6::bigint[]) d(sensor, from_time, to_time)
                    where d.sensor = l.sensor and l.start_time >= d.from_time and l.start_time < d.to_time))
            from late_span s where sensor > $1 and (select partition from sensor where id = s.sensor) = any($7) group by sensor order by sensor limit $2
            """, connection)
        {
            CommandTimeout = Database.PatienceSeconds,
            Parameters =
            {
                new() { Value = after },
                new() { Value = most },
                new() { Value = patience },
                new() { Value = damage.Select(d => d.Sensor).ToArray() },
                new() { Value = damage.Select(d => d.From).ToArray() },
                new() { Value = damage.Select(d => d.To).ToArray() },
                new() { Value = partitions.Select(p => (short)p).ToArray() },
            },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var sensors = new List<LateSpanSensor>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            sensors.Add(new LateSpanSensor(rows.GetInt32(0), rows.GetBoolean(1), rows.GetBoolean(2)));
        }
        return sensors;
    }

    /// <summary>The first spans of a sensor, by their beginning.</summary>
    /// <param name="without">Ids of spans to leave out.</param>
    public static async Task<List<LateSpanRow>> ReadAsync(
        Database database, int sensor, IReadOnlyCollection<long> without, int most, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "select id, from_time, to_time from late_span where sensor = $1 and id <> all($2) order by from_time, id limit $3", connection)
        {
            CommandTimeout = Database.PatienceSeconds,
            Parameters = { new() { Value = sensor }, new() { Value = without.ToArray() }, new() { Value = most } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var spans = new List<LateSpanRow>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            spans.Add(new LateSpanRow(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2)));
        }
        return spans;
    }

    internal static async Task InsertAsync(NpgsqlConnection connection, IReadOnlyCollection<LateSpan> spans, CancellationToken cancellation)
    {
        if (spans.Count == 0)
        {
            return;
        }
        await using var command = new NpgsqlCommand(
            "insert into late_span (sensor, from_time, to_time) select * from unnest($1::int[], $2::bigint[], $3::bigint[])", connection)
        {
            CommandTimeout = Database.PatienceSeconds,
            Parameters =
            {
                new() { Value = spans.Select(s => s.Sensor).ToArray() },
                new() { Value = spans.Select(s => s.From).ToArray() },
                new() { Value = spans.Select(s => s.To).ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
