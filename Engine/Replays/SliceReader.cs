using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian.Queries;

namespace SensorGrid.Engine.Replays;

/// <summary>
/// Reads the history of a machine slice by slice of time: what is stored, what is still in memory and what came late, merged sensor by sensor. A slice is as
/// long as it takes to hold some hundred thousand readings, so that memory is bounded whatever the rates of the sensors and however long the history.
/// </summary>
internal sealed class SliceReader
{
    private const int LeastReadings = 1 << 18;
    private const int LeastReadingsASensor = 128;
    private const int MostOverfull = 4;
    private const int MostGrowth = 8;
    private const long FirstLength = 10 * EventTime.Minute;

    private readonly HistoryReader _reader;
    private readonly int[] _ids;
    private readonly MemoryHistory[] _memory;
    private readonly long _from;
    private readonly long _to;
    private readonly int _aim;
    private readonly long[] _last;
    private readonly long[] _lastBefore;
    private HashSet<int> _haveStoredLate = [];
    private long _begin;
    private long _end;
    private long _length = FirstLength;
    private bool _isFirst = true;

    /// <param name="memory">For each of the sensors; asked for before the reader was opened.</param>
    /// <param name="readings">How many a slice is to hold, where the sensors are few.</param>
    public SliceReader(HistoryReader reader, MemoryHistory[] memory, long from, long to, int readings = LeastReadings)
    {
        (_reader, _memory, _from, _to) = (reader, memory, Math.Max(from, reader.ReadingsStart), to);
        _ids = [.. memory.Select(m => m.Sensor)];
        _aim = Math.Max(readings, LeastReadingsASensor * _ids.Length);
        _last = new long[_ids.Length];
        _lastBefore = new long[_ids.Length];
        Array.Fill(_last, long.MinValue);
    }

    /// <summary>Fills a slice with what follows the one before.</summary>
    /// <returns>False where there is nothing more.</returns>
    public async Task<bool> ReadAsync(Slice before, Slice into, CancellationToken cancellation)
    {
        if (_isFirst)
        {
            (_begin, _end) = await BoundsAsync(cancellation).ConfigureAwait(false);
        }
        if (_begin >= _end)
        {
            return false;
        }
        _last.CopyTo(_lastBefore, 0);
        while (true)
        {
            into.Clear(_ids.Length);
            into.End = Math.Min(_end, _begin + _length);
            if (await FillAsync(before, into, cancellation).ConfigureAwait(false) is not { } read)
            {
                _length = Math.Max(EventTime.Second, _length / MostGrowth);
                _lastBefore.CopyTo(_last, 0);
                continue;
            }
            _length = Math.Clamp((long)(_length * Math.Clamp(_aim / (read + 1.0), 1.0 / MostGrowth, MostGrowth)), EventTime.Second, EventTime.Day);
            break;
        }
        into.Finish();
        into.IsLast = into.End >= _end;
        (_begin, _isFirst) = (into.End, false);
        return true;
    }

    // Between which all readings of the span lie.
    private async Task<(long First, long End)> BoundsAsync(CancellationToken cancellation)
    {
        var (first, last) = await _reader.BoundsAsync(_ids, cancellation).ConfigureAwait(false) ?? (long.MaxValue, long.MinValue);
        var late = await _reader.LateBoundsAsync(_ids, _from, _to, cancellation).ConfigureAwait(false);
        _haveStoredLate = [.. late.Select(l => l.Sensor)];
        foreach (var bounds in late)
        {
            (first, last) = (Math.Min(first, bounds.First), Math.Max(last, bounds.Last));
        }
        foreach (var readings in _memory.SelectMany(m => new[] { m.InOrder, m.Late }).Where(r => r.Length > 0))
        {
            (first, last) = (Math.Min(first, readings[0].Time), Math.Max(last, readings[^1].Time));
        }
        return (Math.Max(first, _from), last == long.MinValue ? long.MinValue : Math.Min(last + 1, _to));
    }

    // The readings read; null where there were too many for a slice.
    private async Task<int?> FillAsync(Slice before, Slice into, CancellationToken cancellation)
    {
        var late = await LateAsync(into.End, cancellation).ConfigureAwait(false);
        var most = into.End - _begin > EventTime.Second ? MostOverfull * _aim : int.MaxValue;
        var (read, at) = (0, 0);
        into.Add(before.Rest(0));
        await foreach (var segment in Segments(into.End, cancellation).ConfigureAwait(false))
        {
            while (at < segment.Span)
            {
                FinishSensor(at++, into, late);
                into.Add(before.Rest(at));
            }
            read += Decode(at, segment, into);
            if (read > most)
            {
                return null;
            }
        }
        while (at < _ids.Length)
        {
            FinishSensor(at++, into, late);
            if (at < _ids.Length)
            {
                into.Add(before.Rest(at));
            }
        }
        return read;
    }

    private IAsyncEnumerable<StoredSegment> Segments(long end, CancellationToken cancellation) => _isFirst
        // Those that reach into the span too.
        ? _reader.SegmentsAsync([.. _ids.Select(s => new SensorSpan(s, _begin, end))], cancellation)
        : _reader.SegmentsBeginningAsync(_ids, _begin, end, cancellation);

    private int Decode(int sensor, in StoredSegment segment, Slice into)
    {
        var room = into.Room(segment.Row.Room);
        segment.Row.Decode(room);
        var (from, to) = (0, segment.Row.Count);
        // What an earlier segment ended with, and what lies outside the span.
        while (from < to && (room[from].Time <= _last[sensor] || room[from].Time < _from))
        {
            from++;
        }
        while (to > from && room[to - 1].Time >= _to)
        {
            to--;
        }
        if (to > from)
        {
            _last[sensor] = room[to - 1].Time;
        }
        into.Keep(from, to);
        return to - from;
    }

    private void FinishSensor(int sensor, Slice into, Dictionary<int, Reading[]> late)
    {
        var memory = _memory[sensor].InOrder;
        var from = FirstFrom(memory, Math.Max(_last[sensor] + 1, _from));
        var to = FirstFrom(memory, into.End);
        if (to > from)
        {
            into.Add(memory.AsSpan(from..to));
            _last[sensor] = memory[to - 1].Time;
        }
        var run = FirstFrom(into.AtWork, into.End);
        if (late.TryGetValue(sensor, out var readings))
        {
            var merged = new List<Reading>();
            var merge = new ReadingMerge(readings);
            merge.Add(into.AtWork[..run], merged);
            merge.Finish(merged);
            into.ReplaceFirst(run, CollectionsMarshal.AsSpan(merged));
            run = merged.Count;
        }
        into.FinishSensor(run);
    }

    // For each sensor that has any in the slice its late readings, ascending, the last written of each time.
    private async Task<Dictionary<int, Reading[]>> LateAsync(long end, CancellationToken cancellation)
    {
        var late = new Dictionary<int, List<Reading>>();
        List<Reading> Of(int sensor) => late.TryGetValue(sensor, out var known) ? known : late[sensor] = [];
        if (_haveStoredLate.Count > 0)
        {
            int[] sensors = [.. Enumerable.Range(0, _ids.Length).Where(i => _haveStoredLate.Contains(_ids[i]))];
            SensorSpan[] spans = [.. sensors.Select(i => new SensorSpan(_ids[i], _begin, end))];
            await foreach (var segment in _reader.LateSegmentsAsync(spans, cancellation).ConfigureAwait(false))
            {
                Of(sensors[segment.Span]).AddRange(segment.Row.Decode().Where(r => r.Time >= _begin && r.Time < end));
            }
        }
        for (var i = 0; i < _memory.Length; i++)
        {
            var readings = _memory[i].Late;
            var (from, to) = (FirstFrom(readings, _begin), FirstFrom(readings, end));
            if (to > from)
            {
                Of(i).AddRange(readings[from..to]);
            }
        }
        return late.ToDictionary(l => l.Key, l => LateReadings.SortedDistinct(l.Value));
    }

    // The index of the first reading at or after a time.
    private static int FirstFrom(ReadOnlySpan<Reading> readings, long time)
    {
        var (low, high) = (0, readings.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (readings[middle].Time < time)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
