using Npgsql;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Historian.Windows;

/// <summary>The table of closed windows.</summary>
internal static class WindowTable
{
    private const int RowsAtOnce = 4096;

    public static async Task<List<WindowRow>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<int> sensors, long size, long from, long to, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select sensor, start_time, count, good_count, usable_count, sum, compensation, m2, min, max, first_time, first_value,
                last_time, last_value, weighted_integral, weighted_duration, sketch
            from window_statistics where sensor = any($1) and size_seconds = $2 and start_time >= $3 and start_time < $4 and not stale
            order by sensor, start_time
            """, connection)
        {
            Parameters =
            {
                new() { Value = sensors.ToArray() }, new() { Value = (int)(size / EventTime.Second) }, new() { Value = from }, new() { Value = to },
            },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var windows = new List<WindowRow>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var state = new WindowState(
                rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetDouble(5), rows.GetDouble(6), rows.GetDouble(7), rows.GetDouble(8),
                rows.GetDouble(9), rows.GetInt64(10), rows.GetDouble(11), rows.GetInt64(12), rows.GetDouble(13), rows.GetDouble(14), rows.GetInt64(15));
            windows.Add(new WindowRow(rows.GetInt32(0), rows.GetInt64(1), size, state, rows.GetFieldValue<byte[]>(16)));
        }
        return windows;
    }

    /// <summary>
    /// Writes windows; one that is there already is replaced, and its revision raised where it
    /// differs. One whose readings retention has cut is left as it is: it was
    /// stored whole before they went.
    /// </summary>
    public static async Task UpsertAsync(NpgsqlConnection connection, IEnumerable<WindowRow> windows, CancellationToken cancellation)
    {
        foreach (var some in windows.Chunk(RowsAtOnce))
        {
            await UpsertAsync(connection, some, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task UpsertAsync(NpgsqlConnection connection, WindowRow[] windows, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into window_statistics (sensor, size_seconds, start_time, revision, count, good_count, usable_count, sum, compensation, m2,
                min, max, first_time, first_value, last_time, last_value, weighted_integral, weighted_duration, sketch)
            select sensor, size_seconds, start_time, 0, count, good_count, usable_count, sum, compensation, m2,
                min, max, first_time, first_value, last_time, last_value, weighted_integral, weighted_duration, sketch
            from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::float8[], $8::float8[], $9::float8[],
                $10::float8[], $11::float8[], $12::bigint[], $13::float8[], $14::bigint[], $15::float8[], $16::float8[], $17::bigint[], $18::bytea[])
                u(sensor, size_seconds, start_time, count, good_count, usable_count, sum, compensation, m2,
                    min, max, first_time, first_value, last_time, last_value, weighted_integral, weighted_duration, sketch)
            where start_time >= retention_start('readings')
            on conflict (sensor, size_seconds, start_time) do update set
                stale = false, revision = window_statistics.revision + case when window_statistics.count > 0 and (
                        window_statistics.count, window_statistics.good_count, window_statistics.usable_count, window_statistics.sum,
                        window_statistics.compensation, window_statistics.m2, window_statistics.min, window_statistics.max,
                        window_statistics.first_time, window_statistics.first_value, window_statistics.last_time, window_statistics.last_value,
                        window_statistics.weighted_integral, window_statistics.weighted_duration, window_statistics.sketch)
                    is distinct from (
                        excluded.count, excluded.good_count, excluded.usable_count, excluded.sum, excluded.compensation, excluded.m2, excluded.min,
                        excluded.max, excluded.first_time, excluded.first_value, excluded.last_time, excluded.last_value,
                        excluded.weighted_integral, excluded.weighted_duration, excluded.sketch) then 1 else 0 end,
                count = excluded.count, good_count = excluded.good_count,
                usable_count = excluded.usable_count, sum = excluded.sum, compensation = excluded.compensation, m2 = excluded.m2,
                min = excluded.min, max = excluded.max, first_time = excluded.first_time, first_value = excluded.first_value,
                last_time = excluded.last_time, last_value = excluded.last_value, weighted_integral = excluded.weighted_integral,
                weighted_duration = excluded.weighted_duration, sketch = excluded.sketch
            """, connection)
        {
            CommandTimeout = Database.PatienceSeconds,
        };
        void Add<T>(Func<WindowRow, T> column) => command.Parameters.Add(new() { Value = windows.Select(column).ToArray() });
        Add(w => w.Sensor);
        Add(w => (int)(w.Size / EventTime.Second));
        Add(w => w.Start);
        Add(w => w.State.Count);
        Add(w => w.State.GoodCount);
        Add(w => w.State.UsableCount);
        Add(w => w.State.Sum);
        Add(w => w.State.Compensation);
        Add(w => w.State.M2);
        Add(w => w.State.Min);
        Add(w => w.State.Max);
        Add(w => w.State.FirstTime);
        Add(w => w.State.FirstValue);
        Add(w => w.State.LastTime);
        Add(w => w.State.LastValue);
        Add(w => w.State.WeightedIntegral);
        Add(w => w.State.WeightedDuration);
        Add(w => w.Sketch);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Marks windows as no longer true: queries compute them from the readings until they are restated. A window without a row gets an empty one. Those
    /// whose readings retention has cut stay as they are.
    /// </summary>
    /// <param name="windows">Each once.</param>
    public static async Task MarkStaleAsync(NpgsqlConnection connection, IEnumerable<WindowKey> windows, CancellationToken cancellation)
    {
        foreach (var some in windows.Chunk(RowsAtOnce))
        {
            await using var command = new NpgsqlCommand(
                """
                insert into window_statistics (sensor, size_seconds, start_time, revision, count, good_count, usable_count, stale)
                select sensor, size_seconds, start_time, 0, 0, 0, 0, true
                from unnest($1::int[], $2::int[], $3::bigint[]) u(sensor, size_seconds, start_time)
                where start_time >= retention_start('readings')
                on conflict (sensor, size_seconds, start_time) do update set stale = true where not window_statistics.stale
                """, connection)
            {
                CommandTimeout = Database.PatienceSeconds,
                Parameters =
                {
                    new() { Value = some.Select(w => w.Sensor).ToArray() },
                    new() { Value = some.Select(w => (int)(w.Size / EventTime.Second)).ToArray() },
                    new() { Value = some.Select(w => w.Start).ToArray() },
                },
            };
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
    }
}
