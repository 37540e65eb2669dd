using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Edge.Partitions;

/// <summary>What a partition was at one log position, captured on its thread; made into rows on another.</summary>
internal sealed record CheckpointDraft(int Partition, long Position, PendingHistory History, IReadOnlyList<SnapshotChunk> Chunks)
{
    /// <summary>What a query of a short span has to decode at the least, against what a row costs beside its readings (some 90 bytes).</summary>
    private const int ReadingsPerSegment = 512;

    public CheckpointPackage ToPackage(long revision)
    {
        var late = new List<SegmentRow>();
        var stale = new List<(int, long)>();
        foreach (var (sensor, readings) in History.Late)
        {
            var sorted = LateReadings.SortedDistinct(readings);
            foreach (var reading in sorted)
            {
                stale.Add((sensor, reading.Time));
            }
            for (var i = 0; i < sorted.Length; i += ReadingsPerSegment)
            {
                var run = sorted.AsSpan(i, Math.Min(ReadingsPerSegment, sorted.Length - i));
                var data = new byte[SegmentCodec.MaxEncodedSize(run.Length)];
                late.Add(new SegmentRow(sensor, run[0].Time, run[^1].Time, run.Length, data.AsMemory(0, SegmentCodec.Encode(run, data))));
            }
        }
        return new CheckpointPackage
        {
            Partition = Partition,
            Position = Position,
            Revision = revision,
            Segments = History.Blocks.Rows(ReadingsPerSegment),
            LateSegments = late,
            StaleWindows = stale,
            Windows = History.Windows.Rows(),
            Flags = [.. History.Flags.Values],
            Chunks = Chunks,
        };
    }
}
