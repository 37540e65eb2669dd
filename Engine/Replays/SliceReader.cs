using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian.Queries;

namespace SensorGrid.Engine.Replays;

/// <summary>
/// Reads the history of a machine slice by slice of time: what is stored, what is still in memory and what came late, merged sensor by sensor. A slice is as
/// long as it takes to hold some hundred thousand readings, so that memory is bounded whatever the rates of the sensors and however long the history. Each
/// slice has a reader of its own and takes nothing over from the one before: segments may be written anew, and late readings merged, in between.
/// </summary>
/// <param name="memory">For each of the sensors; asked for before the first slice is read.</param>
/// <param name="readings">How many a slice is to hold, where the sensors are few.</param>
internal sealed class SliceReader(MemoryHistory[] memory, long from, long to, int readings = SliceReader.LeastReadings)
{
    private const int LeastReadings = 1 << 18;
    private const int LeastReadingsASensor = 128;
    private const int MostOverfull = 4;
    private const int MostGrowth = 8;
    private const long FirstLength = 10 * EventTime.Minute;

    private readonly int[] _ids = [.. memory.Select(m => m.Sensor)];
    private readonly int _aim = Math.Max(readings, LeastReadingsASensor * memory.Length);
    private HashSet<int> _haveStoredLate = [];
    private long _begin = Math.Max(from, EventTime.Min);
    private long _end;
    private long _length = FirstLength;
    private bool _isFirst = true;

    /// <summary>Fills a slice with what follows the one before.</summary>
    /// <returns>False where there is nothing more.</returns>
    /// <exception cref="ReplayRefusedException">Retention has cut what follows.</exception>
    public async Task<bool> ReadAsync(HistoryReader reader, Slice into, CancellationToken cancellation)
    {
        if (reader.ReadingsStart > _begin)
        {
            throw ReplayRefusedException.Cut(reader.ReadingsStart);
        }
        if (_isFirst)
        {
            (_begin, _end) = await BoundsAsync(reader, cancellation).ConfigureAwait(false);
            _isFirst = false;
        }
        if (_begin >= _end)
        {
            return false;
        }
        int? read;
        for (into.End = Math.Min(_end, _begin + _length);
             (read = await FillAsync(reader, into, cancellation).ConfigureAwait(false)) is null;
             into.End = Math.Min(_end, _begin + _length))
        {
            _length = Math.Max(EventTime.Second, _length / MostGrowth);
        }
        _length = Math.Clamp((long)(_length * Math.Clamp(_aim / (read.Value + 1.0), 1.0 / MostGrowth, MostGrowth)), EventTime.Second, EventTime.Day);
        into.Finish();
        into.IsLast = into.End >= _end;
        _begin = into.End;
        return true;
    }

    // Between which all readings of the span lie.
    private async Task<(long First, long End)> BoundsAsync(HistoryReader reader, CancellationToken cancellation)
    {
        var (first, last) = await reader.BoundsAsync(_ids, cancellation).ConfigureAwait(false) ?? (long.MaxValue, long.MinValue);
        var late = await reader.LateBoundsAsync(_ids, _begin, to, cancellation).ConfigureAwait(false);
        // What is stored later was in memory, or came after the replay had begun.
        _haveStoredLate = [.. late.Select(l => l.Sensor)];
        foreach (var bounds in late)
        {
            (first, last) = (Math.Min(first, bounds.First), Math.Max(last, bounds.Last));
        }
        foreach (var run in memory.SelectMany(m => new[] { m.InOrder, m.Late }).Where(r => r.Length > 0))
        {
            (first, last) = (Math.Min(first, run[0].Time), Math.Max(last, run[^1].Time));
        }
        return (Math.Max(first, _begin), last == long.MinValue ? long.MinValue : Math.Min(last + 1, to));
    }

    // The readings read; null where there were too many for a slice.
    private async Task<int?> FillAsync(HistoryReader reader, Slice into, CancellationToken cancellation)
    {
        into.Clear(_ids.Length);
        var late = await LateAsync(reader, into.End, cancellation).ConfigureAwait(false);
        var most = into.End - _begin > EventTime.Second ? MostOverfull * _aim : int.MaxValue;
        var (read, at) = (0, 0);
        SensorSpan[] spans = [.. _ids.Select(s => new SensorSpan(s, _begin, into.End))];
        await foreach (var segment in reader.SegmentsAsync(spans, cancellation).ConfigureAwait(false))
        {
            while (at < segment.Span)
            {
                FinishSensor(at++, into, late);
            }
            read += Decode(segment, into);
            if (read > most)
            {
                return null;
            }
        }
        while (at < _ids.Length)
        {
            FinishSensor(at++, into, late);
        }
        return read;
    }

    // Of the segment what lies in the slice.
    private int Decode(in StoredSegment segment, Slice into)
    {
        var room = into.Room(segment.Row.Room);
        segment.Row.Decode(room);
        var stored = room[..segment.Row.Count];
        var (first, end) = (FirstFrom(stored, _begin), FirstFrom(stored, into.End));
        into.Keep(first, end);
        return end - first;
    }

    private void FinishSensor(int sensor, Slice into, Dictionary<int, Reading[]> late)
    {
        // What memory had may have been stored since.
        var inOrder = memory[sensor].InOrder;
        var first = FirstFrom(inOrder, into.AtWork.IsEmpty ? _begin : into.AtWork[^1].Time + 1);
        var end = FirstFrom(inOrder, into.End);
        if (end > first)
        {
            into.Add(inOrder.AsSpan(first..end));
        }
        if (late.TryGetValue(sensor, out var lateOnes))
        {
            var merged = new List<Reading>();
            var merge = new ReadingMerge(lateOnes);
            merge.Add(into.AtWork, merged);
            merge.Finish(merged);
            into.Replace(CollectionsMarshal.AsSpan(merged));
        }
        into.FinishSensor();
    }

    // For each sensor that has any in the slice its late readings, ascending, the last written of each time.
    private async Task<Dictionary<int, Reading[]>> LateAsync(HistoryReader reader, long end, CancellationToken cancellation)
    {
        var late = new Dictionary<int, List<Reading>>();
        List<Reading> Of(int sensor) => late.TryGetValue(sensor, out var known) ? known : late[sensor] = [];
        if (_haveStoredLate.Count > 0)
        {
            int[] sensors = [.. Enumerable.Range(0, _ids.Length).Where(i => _haveStoredLate.Contains(_ids[i]))];
            SensorSpan[] spans = [.. sensors.Select(i => new SensorSpan(_ids[i], _begin, end))];
            await foreach (var segment in reader.LateSegmentsAsync(spans, cancellation).ConfigureAwait(false))
            {
                Of(sensors[segment.Span]).AddRange(segment.Row.Decode().Where(r => r.Time >= _begin && r.Time < end));
            }
        }
        for (var i = 0; i < memory.Length; i++)
        {
            var inMemory = memory[i].Late;
            var (first, next) = (FirstFrom(inMemory, _begin), FirstFrom(inMemory, end));
            if (next > first)
            {
                Of(i).AddRange(inMemory[first..next]);
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
