using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Historian.Retention;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Historian.Queries;

/// <summary>
/// Reads the history as it was at one moment (one read-only transaction), so that segments and window rows agree. Not thread-safe; one enumeration at a time.
/// </summary>
public sealed class HistoryReader : IAsyncDisposable
{
    private const int SegmentsAPage = 128;

    private readonly IAsyncDisposable _lease;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private int _cursors;

    private HistoryReader(IAsyncDisposable lease, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _lease = lease;
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Readings before this may be deleted already, or not yet.</summary>
    public long ReadingsStart { get; private set; }

    /// <summary>The same of stored windows.</summary>
    public long WindowsStart { get; private set; }

    /// <summary>For a query of a user.</summary>
    /// <exception cref="GridBusyException">Too many queries are running.</exception>
    public static async Task<HistoryReader> OpenAsync(Database database, CancellationToken cancellation)
    {
        var slot = await database.OpenQueryAsync(cancellation).ConfigureAwait(false);
        return await BeginAsync(slot, slot.Connection, cancellation).ConfigureAwait(false);
    }

    /// <summary>For the grid's own work, which waits for no query. These connections are few: to be disposed soon.</summary>
    public static async Task<HistoryReader> OpenOwnAsync(Database database, CancellationToken cancellation)
    {
        var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        return await BeginAsync(connection, connection, cancellation).ConfigureAwait(false);
    }

    /// <summary>The in-order segments that overlap the spans, span by span in their order; one that overlaps two spans comes twice.</summary>
    public IAsyncEnumerable<StoredSegment> SegmentsAsync(IReadOnlyList<SensorSpan> spans, CancellationToken cancellation) =>
        spans.Count == 1 ? PageAsync(spans[0], cancellation) : SegmentsOfManyAsync(spans, cancellation);

    /// <summary>The segments of late readings that overlap the spans, oldest arrival first within a span: where times are equal the later one wins.</summary>
    public IAsyncEnumerable<StoredSegment> LateSegmentsAsync(IReadOnlyList<SensorSpan> spans, CancellationToken cancellation) =>
        ReadAsync(
            """
            select r.n, s.sensor, s.start_time, s.end_time, s.count, s.data
            from unnest($1::int[], $2::bigint[], $3::bigint[]) with ordinality r(sensor, from_time, to_time, n)
            join late_segment s on s.sensor = r.sensor and s.start_time < r.to_time and s.end_time >= r.from_time
            order by r.n, s.id
            """, spans, cancellation);

    /// <summary>The first and the last time of what is stored of the sensors in order, between which all of it lies; null where nothing is.</summary>
    public async Task<(long First, long Last)?> BoundsAsync(int[] sensors, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select min(b.first), max(b.last) from unnest($1::int[]) r(sensor) cross join lateral (
                select (select start_time from segment where sensor = r.sensor order by start_time limit 1) first,
                    (select end_time from segment where sensor = r.sensor order by start_time desc limit 1) last) b
            """, _connection)
        {
            Parameters = { new() { Value = sensors } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await rows.ReadAsync(cancellation).ConfigureAwait(false);
        return await rows.IsDBNullAsync(0, cancellation).ConfigureAwait(false) ? null : (rows.GetInt64(0), rows.GetInt64(1));
    }

    /// <summary>Which of the sensors have late readings in a span that are not merged yet, each with the first and the last time of their segments.</summary>
    public async Task<List<(int Sensor, long First, long Last)>> LateBoundsAsync(int[] sensors, long from, long to, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select sensor, min(start_time), max(end_time) from late_segment
            where sensor = any($1) and start_time < $3 and end_time >= $2 group by sensor
            """, _connection)
        {
            Parameters = { new() { Value = sensors }, new() { Value = from }, new() { Value = to } },
        };
        var bounds = new List<(int, long, long)>();
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            bounds.Add((rows.GetInt32(0), rows.GetInt64(1), rows.GetInt64(2)));
        }
        return bounds;
    }

    /// <summary>The last in-order segment that begins within a span or, where it reaches into it, before; null where there is none.</summary>
    public async Task<StoredSegment?> LastSegmentAsync(SensorSpan span, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select 1::bigint, sensor, start_time, end_time, count, data from segment
            where sensor = $1 and start_time = (select max(start_time) from segment where sensor = $1 and start_time < $3) and end_time >= $2
            """, _connection)
        {
            Parameters = { new() { Value = span.Sensor }, new() { Value = span.From }, new() { Value = span.To } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await rows.ReadAsync(cancellation).ConfigureAwait(false) ? Segment(rows) : null;
    }

    /// <summary>The beginning of the segment from which on there are so many stored readings before a time, or of a slightly later one where segments are small.</summary>
    /// <param name="least">What is returned where that would be earlier, or there are fewer.</param>
    public async Task<long> StartOfLastAsync(int sensor, long before, int readings, long least, CancellationToken cancellation)
    {
        const int MostSegments = 256;
        await using var command = new NpgsqlCommand(
            "select start_time, count from segment where sensor = $1 and start_time < $2 and start_time > $3 order by start_time desc limit $4", _connection)
        {
            Parameters = { new() { Value = sensor }, new() { Value = before }, new() { Value = least }, new() { Value = MostSegments } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        for (var segments = 1; await rows.ReadAsync(cancellation).ConfigureAwait(false); segments++)
        {
            readings -= rows.GetInt32(1);
            if (readings <= 0 || segments == MostSegments)
            {
                return rows.GetInt64(0);
            }
        }
        return least;
    }

    /// <summary>The stored windows of one size that begin within a span, by sensor and time.</summary>
    public async Task<List<WindowRow>> WindowsAsync(IReadOnlyList<int> sensors, long size, long from, long to, CancellationToken cancellation) =>
        await WindowTable.ReadAsync(_connection, sensors, size, from, to, cancellation).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _lease.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<HistoryReader> BeginAsync(IAsyncDisposable lease, NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
            var reader = new HistoryReader(lease, connection, transaction);
            await reader.ReadRetentionAsync(cancellation).ConfigureAwait(false);
            return reader;
        }
        catch
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private IAsyncEnumerable<StoredSegment> SegmentsOfManyAsync(IReadOnlyList<SensorSpan> spans, CancellationToken cancellation) =>
        // Segments of one sensor never overlap, so the one that holds the span's beginning is the last that starts at or before it.
        ReadAsync(
            """
            select r.n, s.sensor, s.start_time, s.end_time, s.count, s.data
            from unnest($1::int[], $2::bigint[], $3::bigint[]) with ordinality r(sensor, from_time, to_time, n)
            cross join lateral (
                select * from segment s
                where s.sensor = r.sensor and s.start_time < r.to_time and s.end_time >= r.from_time
                  and s.start_time >= coalesce((select max(b.start_time) from segment b where b.sensor = r.sensor and b.start_time <= r.from_time), r.from_time)
                order by s.start_time
                offset 0) s
            order by r.n, s.start_time
            """, spans, cancellation);

    // Page by page off a cursor, in the index's order: who stops early, or reads slowly, costs the server no more than a page.
    private async IAsyncEnumerable<StoredSegment> PageAsync(SensorSpan span, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var cursor = _cursors++;
        await using (var declare = new NpgsqlBatch(_connection)
        {
            BatchCommands =
            {
                // Plan for the first rows: a sort would read all of them.
                new("set local cursor_tuple_fraction = 0"),
                new($"""
                    declare segments_{cursor} no scroll cursor for
                    select 1::bigint, sensor, start_time, end_time, count, data from segment
                    where sensor = $1 and start_time < $3 and end_time >= $2
                      and start_time >= coalesce((select max(b.start_time) from segment b where b.sensor = $1 and b.start_time <= $2), $2)
                    order by start_time
                    """)
                {
                    Parameters = { new() { Value = span.Sensor }, new() { Value = span.From }, new() { Value = span.To } },
                },
            },
        })
        {
            await declare.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        await using var fetch = new NpgsqlCommand($"fetch {SegmentsAPage} from segments_{cursor}", _connection);
        for (var read = SegmentsAPage; read == SegmentsAPage;)
        {
            read = 0;
            await using var rows = await fetch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
            {
                read++;
                yield return Segment(rows);
            }
        }
    }

    private async Task ReadRetentionAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select retention_start('{RetentionTable.Readings}'), retention_start('{RetentionTable.Windows}')", _connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await rows.ReadAsync(cancellation).ConfigureAwait(false);
        (ReadingsStart, WindowsStart) = (rows.GetInt64(0), rows.GetInt64(1));
    }

    private async IAsyncEnumerable<StoredSegment> ReadAsync(
        string sql, IReadOnlyList<SensorSpan> spans, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, _connection)
        {
            Parameters =
            {
                new() { Value = spans.Select(s => s.Sensor).ToArray() },
                new() { Value = spans.Select(s => s.From).ToArray() },
                new() { Value = spans.Select(s => s.To).ToArray() },
            },
        };
        var buffer = new byte[8192];
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var length = (int)rows.GetBytes(5, 0, null, 0, 0);
            if (buffer.Length < length)
            {
                buffer = new byte[2 * length];
            }
            rows.GetBytes(5, 0, buffer, 0, length);
            yield return new StoredSegment(
                (int)rows.GetInt64(0) - 1, new SegmentRow(rows.GetInt32(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt32(4), buffer.AsMemory(0, length)));
        }
    }

    private static StoredSegment Segment(NpgsqlDataReader row) =>
        new((int)row.GetInt64(0) - 1, new SegmentRow(row.GetInt32(1), row.GetInt64(2), row.GetInt64(3), row.GetInt32(4), row.GetFieldValue<byte[]>(5)));
}
