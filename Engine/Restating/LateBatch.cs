using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Restating;

/// <summary>
/// Merges rows of late readings into the segments. Only the segments that something new or corrected falls into are written anew; what falls between two
/// goes to the one before it where that is small. Memory is bounded by the rows given and by what is written at a time.
/// </summary>
/// <param name="damaged">Late readings that fall into one of its spans are set aside.</param>
internal sealed class LateBatch(RestatingTransaction store, DamagedHistory damaged, CancellationToken cancellation)
{
    /// <summary>Late readings closer than this are merged in one pass over the segments from the first to the last.</summary>
    private const long SamePass = EventTime.Hour;

    /// <summary>Late readings of one pass at most: each may have a segment written anew.</summary>
    private const int MostOfPass = 4096;

    private const int SmallSegment = CheckpointDraft.ReadingsPerSegment / 2;
    private const int BytesAtOnce = 4 << 20;

    private readonly List<string> _old = [];
    private readonly List<SegmentRow> _new = [];
    private readonly List<Reading> _merged = [];
    private readonly List<LateCount> _counts = [];
    private readonly List<LateSpan> _spans = [];
    private LateMerge _merge = new(0);
    private long _bytes;

    private int Sensor { get; set; }

    /// <summary>What is left of the rows given, where that falls into damage: it has to wait, and to keep its place among those that came before and after.</summary>
    public List<LateRow> SetAside { get; } = [];

    /// <summary>What of the readings merged is to be judged.</summary>
    public IReadOnlyCollection<LateSpan> Spans => _spans;

    /// <param name="late">By sensor and id; of no sensor's first ones one may be missing.</param>
    public async Task<IReadOnlyCollection<LateCount>> MergeAsync(IEnumerable<LateRow> late)
    {
        foreach (var rows in late.GroupBy(l => l.Segment.Sensor))
        {
            Sensor = rows.Key;
            _merge = new LateMerge(Sensor);
            var readings = Sorted(rows);
            for (var from = 0; from < readings.Length;)
            {
                var to = from + 1;
                while (to < readings.Length && to - from < MostOfPass && readings[to].Reading.Time - readings[to - 1].Reading.Time < SamePass)
                {
                    to++;
                }
                await MergePassAsync(readings.AsMemory(from..to)).ConfigureAwait(false);
                from = to;
                if (from < readings.Length || _bytes > BytesAtOnce)
                {
                    // The next pass may meet a segment that this one has written.
                    await FlushAsync().ConfigureAwait(false);
                }
            }
            if (_merge.Duplicates + _merge.Corrections > 0)
            {
                _counts.Add(new LateCount(Sensor, _merge.Duplicates, _merge.Corrections));
            }
            _spans.AddRange(_merge.Spans);
        }
        await FlushAsync().ConfigureAwait(false);
        return _counts;
    }

    // What retention has cut is not brought back.
    private LateReading[] Sorted(IEnumerable<LateRow> rows)
    {
        var damage = damaged.Within(Sensor, long.MinValue, long.MaxValue).ToArray();
        var readings = new List<LateReading>();
        var isSorted = true;
        foreach (var row in rows)
        {
            isSorted &= readings.Count == 0 || row.Segment.Start >= readings[^1].Reading.Time;
            var kept = row.Segment.Decode().Where(r => r.Time >= store.ReadingsStart).ToLookup(r => Array.Exists(damage, d => r.Time >= d.Start && r.Time <= d.End));
            readings.AddRange(kept[false].Select(r => new LateReading(r, row.IsToJudge)));
            if (kept[true].ToArray() is { Length: > 0 } waiting)
            {
                SetAside.Add(row with { Segment = CheckpointDraft.Segment(Sensor, waiting) });
            }
        }
        // Those of one time stay in the order in which they came.
        return isSorted ? [.. readings] : [.. readings.OrderBy(r => r.Reading.Time)];
    }

    private async Task MergePassAsync(ReadOnlyMemory<LateReading> late)
    {
        PlacedSegment? before = null;
        var (first, last) = (late.Span[0].Reading.Time, late.Span[^1].Reading.Time);
        await foreach (var next in store.SegmentsAsync(Sensor, first, last, cancellation).ConfigureAwait(false))
        {
            var count = CountBefore(late.Span, next.Segment.Start);
            Take(before, late.Span[..count]);
            late = late[count..];
            before = next;
        }
        Take(before, late.Span);
    }

    private static int CountBefore(ReadOnlySpan<LateReading> readings, long time)
    {
        var count = 0;
        while (count < readings.Length && readings[count].Reading.Time < time)
        {
            count++;
        }
        return count;
    }

    // Readings from a segment's beginning up to the next one's.
    private void Take(PlacedSegment? at, ReadOnlySpan<LateReading> late)
    {
        if (late.IsEmpty)
        {
            return;
        }
        if (at is not var (place, segment)
            || (late[0].Reading.Time > segment.End && (segment.Count >= SmallSegment || damaged.Knows(Sensor, segment.Start, segment.End))))
        {
            _merge.Merge([], late, _merged);
            Write();
        }
        else if (_merge.Merge(segment.Decode(), late, _merged))
        {
            _old.Add(place);
            Write();
        }
    }

    private void Write()
    {
        var readings = CollectionsMarshal.AsSpan(_merged);
        for (var parts = (readings.Length + CheckpointDraft.ReadingsPerSegment - 1) / CheckpointDraft.ReadingsPerSegment; parts > 0; parts--)
        {
            var row = CheckpointDraft.Segment(Sensor, readings[..(readings.Length / parts)]);
            _new.Add(row);
            _bytes += row.Data.Length;
            readings = readings[row.Count..];
        }
    }

    private async Task FlushAsync()
    {
        if (_new.Count > 0)
        {
            await store.ReplaceSegmentsAsync(_old, _new, cancellation).ConfigureAwait(false);
            _old.Clear();
            _new.Clear();
            _bytes = 0;
        }
    }
}
