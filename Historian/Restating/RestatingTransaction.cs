using System.Runtime.CompilerServices;
using Npgsql;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Queries;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Historian.Restating;

/// <summary>
/// Reads late readings and stale windows and puts right what they touch, all in one transaction. While it lasts retention cuts nothing. No checkpoint
/// may be written at the same time. Not thread-safe; one enumeration at a time, and nothing else during it.
/// </summary>
public sealed class RestatingTransaction : IAsyncDisposable
{
    private readonly short[] _partitions;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private RestatingTransaction(IReadOnlyCollection<int> partitions, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _partitions = [.. partitions.Select(p => (short)p)];
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Readings before this may be deleted already, or not yet.</summary>
    public long ReadingsStart { get; private set; }

    /// <param name="partitions">Those whose sensors it reads and writes.</param>
    public static async Task<RestatingTransaction> OpenAsync(Database database, IReadOnlyCollection<int> partitions, CancellationToken cancellation)
    {
        var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        try
        {
            var opened = new RestatingTransaction(partitions, connection, await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false));
            await database.HoldTurnsAsync(connection, partitions, cancellation).ConfigureAwait(false);
            // A cut that is announced after this waits, and then sees what was written here.
            await opened.ExecuteAsync("lock table retention in share mode", cancellation).ConfigureAwait(false);
            await using var start = connection.PatientCommand("select retention_start('readings')");
            opened.ReadingsStart = (long)(await start.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
            return opened;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The first rows that wait, by sensor and id.</summary>
    /// <param name="without">Rows that lie within one of these spans are left out.</param>
    /// <param name="withoutIds">And so are these rows.</param>
    public async Task<List<LateRow>> LateAsync(
        IReadOnlyList<SensorSpan> without, IReadOnlyCollection<long> withoutIds, int most, CancellationToken cancellation)
    {
        await using var command = _connection.PatientCommand(
            """
            select id, sensor, start_time, end_time, count, data, judge from late_segment l
            where id <> all($4) and exists (select from sensor s where s.id = l.sensor and s.partition = any($6)) and not exists (
                select from unnest($1::int[], $2::bigint[], $3::bigint[]) h(sensor, from_time, to_time)
                where h.sensor = l.sensor and l.start_time >= h.from_time and l.end_time < h.to_time)
            order by sensor, id limit $5
            """, [.. Columns(without), withoutIds.ToArray(), most, _partitions]);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var late = new List<LateRow>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            late.Add(new LateRow(rows.GetInt64(0), Segment(rows), rows.GetBoolean(6)));
        }
        return late;
    }

    /// <summary>The segments, oldest first, that begin within a span, its end included, and the last that begins before it.</summary>
    public async IAsyncEnumerable<PlacedSegment> SegmentsAsync(
        int sensor, long first, long last, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = _connection.PatientCommand(
            """
            select ctid::text, sensor, start_time, end_time, count, data from segment
            where sensor = $1 and start_time <= $3
                and start_time >= coalesce((select max(b.start_time) from segment b where b.sensor = $1 and b.start_time <= $2), $2)
            order by start_time
            """, sensor, first, last);
        // Asked thousands of times: most of its cost is parsing and planning.
        await command.PrepareAsync(cancellation).ConfigureAwait(false);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return new PlacedSegment(rows.GetString(0), Segment(rows));
        }
    }

    public async Task ReplaceSegmentsAsync(IReadOnlyList<string> old, IReadOnlyList<SegmentRow> segments, CancellationToken cancellation)
    {
        if (old.Count > 0)
        {
            await ExecuteAsync("delete from segment where ctid = any($1::text[]::tid[])", cancellation, [old.ToArray()]).ConfigureAwait(false);
        }
        if (segments.Count > 0)
        {
            await CheckpointStore.CopySegmentsAsync(_connection, segments, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The first windows that are to be restated, by sensor and start, larger ones first; none that waiting late readings fall into.</summary>
    /// <param name="without">Windows that reach into one of these spans are left out.</param>
    public async Task<List<WindowKey>> StaleWindowsAsync(IReadOnlyList<SensorSpan> without, int most, CancellationToken cancellation)
    {
        // Their readings are gone: what is stored stays as it was.
        await ExecuteAsync("delete from window_statistics where stale and start_time < $1 and count = 0", cancellation, ReadingsStart).ConfigureAwait(false);
        await ExecuteAsync("update window_statistics set stale = false where stale and start_time < $1", cancellation, ReadingsStart).ConfigureAwait(false);
        await using var command = _connection.PatientCommand(
            """
            select sensor, size_seconds, start_time from window_statistics w
            where stale and exists (select from sensor s where s.id = w.sensor and s.partition = any($5)) and not exists (
                select from late_segment l
                where l.sensor = w.sensor and l.end_time >= w.start_time and l.start_time < w.start_time + w.size_seconds * 1000000::bigint)
            and not exists (
                select from unnest($1::int[], $2::bigint[], $3::bigint[]) h(sensor, from_time, to_time)
                where h.sensor = w.sensor and h.to_time > w.start_time and h.from_time < w.start_time + w.size_seconds * 1000000::bigint)
            order by sensor, start_time, size_seconds desc limit $4
            """, [.. Columns(without), most, _partitions]);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var windows = new List<WindowKey>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            windows.Add(new WindowKey(rows.GetInt32(0), rows.GetInt32(1) * EventTime.Second, rows.GetInt64(2)));
        }
        return windows;
    }

    /// <summary>Stores windows as they are now, no longer stale.</summary>
    /// <param name="empty">Windows that turned out to have no readings: their rows go.</param>
    public async Task RestateAsync(IReadOnlyList<WindowRow> windows, IReadOnlyList<WindowKey> empty, CancellationToken cancellation)
    {
        await WindowTable.UpsertAsync(_connection, windows, cancellation).ConfigureAwait(false);
        await ExecuteAsync(
            """
            delete from window_statistics w using unnest($1::int[], $2::int[], $3::bigint[]) e(sensor, size_seconds, start_time)
            where w.sensor = e.sensor and w.size_seconds = e.size_seconds and w.start_time = e.start_time
            """, cancellation,
            empty.Select(w => w.Sensor).ToArray(), empty.Select(w => (int)(w.Size / EventTime.Second)).ToArray(), empty.Select(w => w.Start).ToArray())
            .ConfigureAwait(false);
    }

    /// <summary>Ends the waiting of rows that were merged, counts what was not new in them, and queues the rest for judging.</summary>
    /// <param name="setAside">What is left of some of them: goes on waiting, in the place that their order of arrival gave them.</param>
    /// <returns>The sums of the sensors counted, these included.</returns>
    public async Task<List<LateCount>> MergedAsync(
        IReadOnlyList<LateRow> late, IReadOnlyCollection<LateRow> setAside, IReadOnlyCollection<LateCount> counts, IReadOnlyCollection<LateSpan> spans,
        CancellationToken cancellation)
    {
        var merged = late.Select(l => l.Id).Except(setAside.Select(l => l.Id)).ToArray();
        await ExecuteAsync("delete from late_segment where id = any($1)", cancellation, merged).ConfigureAwait(false);
        foreach (var (id, left, _) in setAside)
        {
            await ExecuteAsync(
                "update late_segment set start_time = $2, end_time = $3, count = $4, data = $5 where id = $1",
                cancellation, id, left.Start, left.End, left.Count, left.Data).ConfigureAwait(false);
        }
        await LateSpanTable.InsertAsync(_connection, spans, cancellation).ConfigureAwait(false);
        await using var command = _connection.PatientCommand(
            """
            insert into late_count as c (sensor, duplicates, corrections)
            select * from unnest($1::int[], $2::bigint[], $3::bigint[])
            on conflict (sensor) do update set duplicates = c.duplicates + excluded.duplicates, corrections = c.corrections + excluded.corrections
            returning sensor, duplicates, corrections
            """, counts.Select(c => c.Sensor).ToArray(), counts.Select(c => c.Duplicates).ToArray(), counts.Select(c => c.Corrections).ToArray());
        return await CountsAsync(command, cancellation).ConfigureAwait(false);
    }

    /// <summary>Readings that wait to be merged.</summary>
    public async Task<long> WaitingAsync(CancellationToken cancellation)
    {
        await using var command = _connection.PatientCommand("select coalesce(sum(l.count), 0)::bigint from late_segment l join sensor s on s.id = l.sensor where s.partition = any($1)", _partitions);
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }

    /// <summary>What was counted of all sensors.</summary>
    public async Task<List<LateCount>> CountsAsync(CancellationToken cancellation)
    {
        await using var command = _connection.PatientCommand("select c.sensor, c.duplicates, c.corrections from late_count c join sensor s on s.id = c.sensor where s.partition = any($1)", _partitions);
        return await CountsAsync(command, cancellation).ConfigureAwait(false);
    }

    public Task CommitAsync(CancellationToken cancellation) => _transaction.CommitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<List<LateCount>> CountsAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var counts = new List<LateCount>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            counts.Add(new LateCount(rows.GetInt32(0), rows.GetInt64(1), rows.GetInt64(2)));
        }
        return counts;
    }

    private static object[] Columns(IReadOnlyList<SensorSpan> spans) =>
        [spans.Select(s => s.Sensor).ToArray(), spans.Select(s => s.From).ToArray(), spans.Select(s => s.To).ToArray()];

    private static SegmentRow Segment(NpgsqlDataReader row) =>
        new(row.GetInt32(1), row.GetInt64(2), row.GetInt64(3), row.GetInt32(4), row.GetFieldValue<byte[]>(5));

    private async Task ExecuteAsync(string sql, CancellationToken cancellation, params object[] parameters)
    {
        await using var command = _connection.PatientCommand(sql, parameters);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
