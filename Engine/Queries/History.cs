using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;
using SensorGrid.Historian.Queries;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Engine.Queries;

/// <summary>
/// Exact answers about the past: what Postgres has and what is still in memory, without gap or double count at the seam. Memory is asked first; what
/// is saved in between comes twice and is merged by time.
/// </summary>
/// <param name="partitions">None where only what Postgres has is asked for.</param>
internal sealed partial class History(Database database, IReadOnlyList<IPartition> partitions, GridOptions options, ILogger logger)
{
    /// <summary>Sensors asked for in one query.</summary>
    public const int SensorsAtOnce = 256;

    private readonly ConcurrentDictionary<(int Sensor, long Size, long Start), bool> _damagedWindows = [];

    /// <summary>The readings of one sensor in a span, ascending, in chunks that are valid until the next one is asked for.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<Reading>> ReadAsync(
        Sensor sensor, long from, long to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var memory = (await MemoryAsync([sensor], from, to).ConfigureAwait(false))[0];
        await using var reader = await HistoryReader.OpenAsync(database, cancellation).ConfigureAwait(false);
        from = Math.Max(from, reader.ReadingsStart);
        SensorSpan[] span = [new(sensor.Id, from, to)];
        var merge = new ReadingMerge((await LateAsync(reader, span, [memory], cancellation).ConfigureAwait(false))[0]);
        var chunk = new List<Reading>();
        await foreach (var segment in reader.SegmentsAsync(span, cancellation).ConfigureAwait(false))
        {
            merge.Add(Decode(segment, from, to), chunk);
            if (chunk.Count >= 4096)
            {
                yield return chunk.ToArray();
                chunk.Clear();
            }
        }
        merge.Add(Within(memory.InOrder, span[0]), chunk);
        merge.Finish(chunk);
        yield return chunk.ToArray();
    }

    /// <summary>
    /// The first readings of a span, about so many, without late ones that wait to be merged. For the grid's own work, step by step: nothing of the store is
    /// held between two of them, and a late reading merged in between is seen where a step has not come to it yet.
    /// </summary>
    /// <param name="into">Emptied, then ascending.</param>
    /// <returns>From where on there may be more; the span's end where there is none.</returns>
    public async Task<long> ReadStepAsync(Sensor sensor, long from, long to, int readings, List<Reading> into, CancellationToken cancellation)
    {
        into.Clear();
        var memory = (await MemoryAsync([sensor], from, to).ConfigureAwait(false))[0];
        await using var reader = await HistoryReader.OpenOwnAsync(database, cancellation).ConfigureAwait(false);
        from = Math.Max(from, reader.ReadingsStart);
        var merge = new ReadingMerge([]);
        await foreach (var segment in reader.SegmentsAsync([new SensorSpan(sensor.Id, from, to)], cancellation).ConfigureAwait(false))
        {
            merge.Add(Decode(segment, from, to), into);
            if (into.Count >= readings)
            {
                return into[^1].Time + 1;
            }
        }
        merge.Add(Within(memory.InOrder, new SensorSpan(sensor.Id, from, to)), into);
        return to;
    }

    /// <summary>A time from which on there are about so many stored readings before another, or all that there are after <paramref name="least"/>.</summary>
    public async Task<long> StartOfLastAsync(Sensor sensor, long before, int readings, long least, CancellationToken cancellation)
    {
        await using var reader = await HistoryReader.OpenOwnAsync(database, cancellation).ConfigureAwait(false);
        return await reader.StartOfLastAsync(sensor.Id, before, readings, least, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads what of a segment found damaged lies within a span again, and forgets it where it has been put right.</summary>
    /// <exception cref="DamagedSegmentException">It has not.</exception>
    public async Task VerifyAsync(Sensor sensor, long from, long to, DamagedHistory damaged, CancellationToken cancellation)
    {
        foreach (var damage in damaged.Within(sensor.Id, from, to))
        {
            await foreach (var _ in ReadAsync(sensor, damage.Start, damage.End + 1, cancellation).ConfigureAwait(false))
            {
                // It decodes.
            }
            damaged.Forget(damage);
        }
    }

    /// <summary>The time of a sensor's last reading before a time; null where there is none, or retention has cut it.</summary>
    public async Task<long?> LastTimeBeforeAsync(Sensor sensor, long before, CancellationToken cancellation)
    {
        var memory = (await MemoryAsync([sensor], long.MinValue, before).ConfigureAwait(false))[0];
        await using var reader = await HistoryReader.OpenAsync(database, cancellation).ConfigureAwait(false);
        if (before <= reader.ReadingsStart)
        {
            return null;
        }
        SensorSpan[] span = [new(sensor.Id, reader.ReadingsStart, before)];
        var late = (await LateAsync(reader, span, [memory], cancellation).ConfigureAwait(false))[0];
        var stored = await reader.LastSegmentAsync(span[0], cancellation).ConfigureAwait(false) is { } segment ? Decode(segment, span[0].From, before) : [];
        var last = long.MinValue;
        foreach (var readings in new[] { late, stored, Within(memory.InOrder, span[0]) })
        {
            last = Math.Max(last, readings.Length == 0 ? long.MinValue : readings[^1].Time);
        }
        return last == long.MinValue ? null : last;
    }

    /// <summary>The windows of a level that begin in a span, for each of the sensors, oldest first. All sensors are of one partition.</summary>
    /// <param name="from">Start of a window.</param>
    /// <param name="to">Start of a window.</param>
    public Task<List<SpanWindow>[]> WindowsAsync(IReadOnlyList<Sensor> sensors, int level, long from, long to, CancellationToken cancellation) =>
        WindowsAsync(sensors, level, from, to, true, cancellation);

    /// <summary>Those of them that no stored window covers.</summary>
    public Task<List<SpanWindow>[]> UnstoredWindowsAsync(IReadOnlyList<Sensor> sensors, int level, long from, long to, CancellationToken cancellation) =>
        WindowsAsync(sensors, level, from, to, false, cancellation);

    private async Task<List<SpanWindow>[]> WindowsAsync(
        IReadOnlyList<Sensor> sensors, int level, long from, long to, bool withStored, CancellationToken cancellation)
    {
        var windows = new List<SpanWindow>[sensors.Count];
        for (var first = 0; first < sensors.Count; first += SensorsAtOnce)
        {
            var some = sensors.Skip(first).Take(SensorsAtOnce).ToArray();
            (await WindowsOfSomeAsync(some, level, from, to, withStored, cancellation).ConfigureAwait(false)).CopyTo(windows, first);
        }
        return windows;
    }

    private async Task<List<SpanWindow>[]> WindowsOfSomeAsync(
        Sensor[] sensors, int level, long from, long to, bool withStored, CancellationToken cancellation)
    {
        var size = options.Windows[level];
        int[] ids = [.. sensors.Select(s => s.Id)];
        var memory = await MemoryAsync(sensors, from, to).ConfigureAwait(false);
        await using var reader = await HistoryReader.OpenAsync(database, cancellation).ConfigureAwait(false);
        var windows = new List<SpanWindow>[sensors.Length];
        for (var i = 0; i < windows.Length; i++)
        {
            windows[i] = [];
        }
        if (size >= options.StoredWindowSize)
        {
            var at = ids.Select((id, i) => (id, i)).ToDictionary(p => p.id, p => p.i);
            // What retention has cut of both is hidden, as it is being deleted.
            var rowsFrom = Math.Max(from, Math.Min(reader.ReadingsStart, reader.WindowsStart));
            foreach (var row in await reader.WindowsAsync(ids, size, rowsFrom, to, cancellation).ConfigureAwait(false))
            {
                var i = at[row.Sensor];
                if (!Array.Exists(memory[i].Late, r => r.Time >= row.Start && r.Time < row.Start + size && r.Time >= reader.ReadingsStart)
                    && Decode(row) is { } window)
                {
                    windows[i].Add(new SpanWindow(window, true));
                }
            }
        }
        var spans = new List<(int Sensor, SensorSpan Span)>();
        for (var i = 0; i < windows.Length; i++)
        {
            AddGaps(i, ids[i], windows[i], Math.Max(from, reader.ReadingsStart), to, spans);
            if (!withStored)
            {
                windows[i].Clear();
            }
        }
        await DeriveAsync(reader, spans, memory, level, windows, cancellation).ConfigureAwait(false);
        foreach (var list in windows)
        {
            list.Sort((a, b) => a.Window.Start.CompareTo(b.Window.Start));
        }
        return windows;
    }

    // A damaged one is as one that is not there: computed from the readings.
    private WindowStatistics? Decode(WindowRow row)
    {
        var window = row.ToStatistics();
        if (window is null && _damagedWindows.TryAdd((row.Sensor, row.Size, row.Start), true))
        {
            LogDamaged(row.Sensor, row.Size / EventTime.Second, row.Start);
        }
        return window;
    }

    // The sensors are of one partition.
    private async Task<MemoryHistory[]> MemoryAsync(IReadOnlyList<Sensor> sensors, long from, long to) => partitions.Count == 0
        ? [.. sensors.Select(s => new MemoryHistory(s.Id, [], [], long.MinValue))]
        : await partitions[sensors[0].Machine.Partition].CopyHistoryAsync([.. sensors.Select(s => s.Id)], from, to).ConfigureAwait(false);

    // The stretches of a span that no stored window covers.
    private static void AddGaps(int index, int sensor, List<SpanWindow> stored, long from, long to, List<(int, SensorSpan)> spans)
    {
        var at = from;
        foreach (var window in stored)
        {
            if (window.Window.Start > at)
            {
                spans.Add((index, new SensorSpan(sensor, at, window.Window.Start)));
            }
            at = Math.Max(at, window.Window.End);
        }
        if (at < to)
        {
            spans.Add((index, new SensorSpan(sensor, at, to)));
        }
    }

    // Computes the windows of spans from the readings. The segments come span by span, in the order of the list.
    private async Task DeriveAsync(
        HistoryReader reader, List<(int Index, SensorSpan Span)> spans, MemoryHistory[] memory, int level, List<SpanWindow>[] windows,
        CancellationToken cancellation)
    {
        var asked = spans.ConvertAll(s => s.Span);
        var late = await LateAsync(reader, asked, [.. spans.Select(s => memory[s.Index])], cancellation).ConfigureAwait(false);
        var readings = new List<Reading>();
        await using var segments = reader.SegmentsAsync(asked, cancellation).GetAsyncEnumerator(cancellation);
        var more = asked.Count > 0 && await segments.MoveNextAsync().ConfigureAwait(false);
        for (var i = 0; i < spans.Count; i++)
        {
            var (index, span) = spans[i];
            var merge = new ReadingMerge(late[i]);
            var fold = new SpanFold(options.Windows, level, span.From, span.To);
            while (more && segments.Current.Span == i)
            {
                merge.Add(Decode(segments.Current, span.From, span.To), readings);
                Fold(fold, readings);
                more = await segments.MoveNextAsync().ConfigureAwait(false);
            }
            merge.Add(Within(memory[index].InOrder, span), readings);
            merge.Finish(readings);
            Fold(fold, readings);
            foreach (var window in fold.Finish())
            {
                windows[index].Add(window with { IsClosed = memory[index].LastTime >= window.Window.End });
            }
        }
    }

    private static void Fold(SpanFold fold, List<Reading> readings)
    {
        fold.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(readings));
        readings.Clear();
    }

    // For each span the late readings of Postgres and of memory, ascending, the last written of each time.
    private static async Task<Reading[][]> LateAsync(
        HistoryReader reader, IReadOnlyList<SensorSpan> spans, MemoryHistory[] memory, CancellationToken cancellation)
    {
        var late = new List<Reading>?[spans.Count];
        await foreach (var segment in reader.LateSegmentsAsync(spans, cancellation).ConfigureAwait(false))
        {
            (late[segment.Span] ??= []).AddRange(Decode(segment, spans[segment.Span].From, spans[segment.Span].To));
        }
        var sorted = new Reading[spans.Count][];
        for (var i = 0; i < sorted.Length; i++)
        {
            var inMemory = Within(memory[i].Late, spans[i]);
            sorted[i] = late[i] is { } stored ? LateReadings.SortedDistinct([.. stored, .. inMemory]) : inMemory;
        }
        return sorted;
    }

    private static Reading[] Within(Reading[] readings, SensorSpan span) =>
        readings.Length == 0 || (readings[0].Time >= span.From && readings[^1].Time < span.To)
            ? readings
            : [.. readings.Where(r => r.Time >= span.From && r.Time < span.To)];

    private static Reading[] Decode(StoredSegment segment, long from, long to)
    {
        var readings = segment.Row.Decode();
        return segment.Row.Start >= from && segment.Row.End < to ? readings : [.. readings.Where(r => r.Time >= from && r.Time < to)];
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "A stored window is damaged (sensor {Sensor}, size_seconds {Size}, start_time {Start}) and left as it is; it is computed from the readings as long as there are any.")]
    private partial void LogDamaged(int sensor, long size, long start);
}
