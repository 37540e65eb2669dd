using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using SensorGrid.Historian.Retention;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Historian.Queries;

/// <summary>
/// Reads the history as it was at one moment (one read-only transaction), so that segments and window rows agree. Not thread-safe; one enumeration at a time.
/// </summary>
public sealed class HistoryReader : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private HistoryReader(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Readings before this may be deleted already, or not yet.</summary>
    public long ReadingsStart { get; private set; }

    /// <summary>The same of stored windows.</summary>
    public long WindowsStart { get; private set; }

    public static async Task<HistoryReader> OpenAsync(Database database, CancellationToken cancellation)
    {
        var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        try
        {
            var reader = new HistoryReader(connection, await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false));
            await reader.ReadRetentionAsync(cancellation).ConfigureAwait(false);
            return reader;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The in-order segments that overlap the spans, span by span in their order; one that overlaps two spans comes twice.</summary>
    public IAsyncEnumerable<StoredSegment> SegmentsAsync(IReadOnlyList<SensorSpan> spans, CancellationToken cancellation) =>
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

    /// <summary>The segments of late readings that overlap the spans, oldest arrival first within a span: where times are equal the later one wins.</summary>
    public IAsyncEnumerable<StoredSegment> LateSegmentsAsync(IReadOnlyList<SensorSpan> spans, CancellationToken cancellation) =>
        ReadAsync(
            """
            select r.n, s.sensor, s.start_time, s.end_time, s.count, s.data
            from unnest($1::int[], $2::bigint[], $3::bigint[]) with ordinality r(sensor, from_time, to_time, n)
            join late_segment s on s.sensor = r.sensor and s.start_time < r.to_time and s.end_time >= r.from_time
            order by r.n, s.id
            """, spans, cancellation);

    /// <summary>The stored windows of one size that begin within a span, by sensor and time.</summary>
    public async Task<List<WindowRow>> WindowsAsync(IReadOnlyList<int> sensors, long size, long from, long to, CancellationToken cancellation) =>
        await WindowTable.ReadAsync(_connection, sensors, size, from, to, cancellation).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
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
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return new StoredSegment(
                (int)rows.GetInt64(0) - 1, rows.GetInt32(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt32(4), rows.GetFieldValue<byte[]>(5));
        }
    }
}
