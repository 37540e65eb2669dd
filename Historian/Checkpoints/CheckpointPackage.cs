using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Historian.Checkpoints;

/// <summary>
/// All that a partition's history and twins became up to a log position and that Postgres does not have yet. Written in one transaction, so that the
/// history, the snapshots and the position are always of the same moment. What may be long is made as it is written, and again where the writing is
/// tried again.
/// </summary>
public sealed class CheckpointPackage
{
    public required int Partition { get; init; }

    /// <summary>One more than the partition's package before it.</summary>
    public required long Revision { get; init; }

    /// <summary>The log position after the last reading in it.</summary>
    public required long Position { get; init; }

    public required IEnumerable<SegmentRow> Segments { get; init; }

    /// <summary>Rows of one sensor may overlap, within a row no time comes twice; of one time the later row has what was written later.</summary>
    public required IEnumerable<LateSegment> LateSegments { get; init; }

    /// <summary>Late readings that memory could still put in order, and that a replay has to judge.</summary>
    public required IReadOnlyCollection<LateSpan> LateSpans { get; init; }

    public required IEnumerable<WindowRow> Windows { get; init; }

    /// <summary>Closed windows that lack late readings, each once: their rows, if there are any, are no longer true.</summary>
    public required IEnumerable<WindowKey> StaleWindows { get; init; }

    public required IReadOnlyList<FlagRow> Flags { get; init; }

    /// <summary>The chunks that changed; the others stay as they are.</summary>
    public required IReadOnlyList<SnapshotChunk> Chunks { get; init; }

    /// <summary>How many there are with those that did not.</summary>
    public required ChunkCounts ChunkCounts { get; init; }
}
