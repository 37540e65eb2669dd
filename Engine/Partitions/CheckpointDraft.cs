using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Engine.Partitions;

/// <summary>What a partition was at one log position, captured on its thread; made into rows on another.</summary>
internal sealed record CheckpointDraft(int Partition, long Position, PendingHistory History, IReadOnlyList<SnapshotChunk> Chunks, ChunkCounts ChunkCounts)
{
    /// <summary>What a query of a short span has to decode at the least, against what a row costs beside its readings (some 90 bytes).</summary>
    public const int ReadingsPerSegment = 512;

    /// <summary>Whether it leaves something to restate.</summary>
    public bool IsLate => History.Late.Count > 0 || History.StaleWindows.Count > 0;

    public CheckpointPackage ToPackage(long revision, GridOptions options) => new()
    {
        Partition = Partition,
        Position = Position,
        Revision = revision,
        Segments = History.Blocks.Rows(ReadingsPerSegment),
        LateSegments = LateSegments(),
        LateSpans = History.LateSpans,
        StaleWindows = StaleWindows(options),
        Windows = History.Windows.Rows(),
        Flags = [.. History.Flags.Values],
        Chunks = Chunks,
        ChunkCounts = ChunkCounts,
    };

    private IEnumerable<LateSegment> LateSegments() => History.Late.SelectMany(s =>
        LateSegments(s.Key, s.Value.LittleLate).Select(l => new LateSegment(l, false))
            .Concat(LateSegments(s.Key, s.Value.ToJudge).Select(l => new LateSegment(l, true))));

    private static IEnumerable<SegmentRow> LateSegments(int sensor, List<Reading>? late)
    {
        foreach (var layer in LateReadings.Layers(late ?? []))
        {
            for (var i = 0; i < layer.Count; i += ReadingsPerSegment)
            {
                yield return Segment(sensor, CollectionsMarshal.AsSpan(layer).Slice(i, Math.Min(ReadingsPerSegment, layer.Count - i)));
            }
        }
    }

    public static SegmentRow Segment(int sensor, ReadOnlySpan<Reading> run)
    {
        var data = new byte[SegmentCodec.MaxEncodedSize(run.Length)];
        return new SegmentRow(sensor, run[0].Time, run[^1].Time, run.Length, data.AsMemory(0, SegmentCodec.Encode(run, data)));
    }

    // Those that closed without readings that had come late, and those that had closed when late readings came.
    private IEnumerable<WindowKey> StaleWindows(GridOptions options)
    {
        foreach (var window in History.StaleWindows)
        {
            yield return window;
        }
        var touched = new HashSet<WindowKey>();
        foreach (var (sensor, late) in History.Late)
        {
            touched.Clear();
            for (var level = 0; level < options.Windows.Count; level++)
            {
                var size = options.Windows[level];
                var start = long.MinValue;
                foreach (var reading in late.Readings)
                {
                    // Late readings mostly come many of a window together.
                    var before = start;
                    start = options.Windows.Start(level, reading.Time);
                    if (start != before && size >= options.StoredWindowSize && start + size <= late.SealedUntil
                        && touched.Add(new WindowKey(sensor, size, start)) && !History.StaleWindows.Contains(new WindowKey(sensor, size, start)))
                    {
                        yield return new WindowKey(sensor, size, start);
                    }
                }
            }
        }
    }
}
