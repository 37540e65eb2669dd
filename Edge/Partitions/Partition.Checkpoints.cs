using System.Buffers.Binary;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Edge.Partitions;

/// <summary>
/// Capturing and restoring. A snapshot's chunk holds <see cref="ChunkTwins"/> twins: <c>State</c> is a version byte and for each twin its sensor's
/// id (int32), the length of its state (int32) and the state; <c>Tails</c> is for each twin the id, the length and the tail as a segment. Little-endian.
/// </summary>
internal sealed partial class Partition
{
    private const int ChunkTwins = 64;
    private const byte ChunkVersion = 1;

    private ByteArena? _snapshot;
    private byte[] _chunkScratch = new byte[64 << 10];

    /// <summary>
    /// Takes all that changed since the last checkpoint; null where nothing did. Until <see cref="Saved"/> it is still answered for from memory, and
    /// nothing further is captured.
    /// </summary>
    public CheckpointDraft? Capture()
    {
        if (_saving is not null)
        {
            throw new InvalidOperationException("the checkpoint before is still being saved");
        }
        var bytes = new ByteArena();
        var chunks = new List<SnapshotChunk>();
        for (var from = 0; from < _slots.Count; from += ChunkTwins)
        {
            var twins = _slots.GetRange(from, Math.Min(ChunkTwins, _slots.Count - from));
            if (twins.Exists(t => t.HasChanged))
            {
                chunks.Add(new SnapshotChunk(from / ChunkTwins, bytes.Keep(PackStates(twins)), bytes.Keep(PackTails(twins))));
                twins.ForEach(t => t.HasChanged = false);
            }
        }
        chunks.AddRange(CaptureMachines(bytes));
        if (chunks.Count == 0 && _pending.IsEmpty)
        {
            return null;
        }
        foreach (var (sensor, late) in _pending.Late)
        {
            late.SealedUntil = _twins[sensor]!.SealedUntil;
        }
        _saving = _pending;
        _snapshot = bytes;
        _pending = new PendingHistory();
        Volatile.Write(ref _logBytes, 0);
        return new CheckpointDraft(Number, Position, _saving, chunks);
    }

    /// <summary>What was captured is in Postgres.</summary>
    public void Saved()
    {
        _saving?.Dispose();
        _saving = null;
        _snapshot?.Dispose();
        _snapshot = null;
        PublishPendingBytes();
    }

    /// <summary>Puts the twins of a chunk back as they were. Before the loop runs.</summary>
    /// <exception cref="InvalidDataException">The chunk is damaged or of another version.</exception>
    public void Restore(SnapshotChunk chunk)
    {
        if (chunk.State.Length == 0 || chunk.State.Span[0] != ChunkVersion)
        {
            throw new InvalidDataException($"chunk {chunk.Number} of partition {Number} has another version");
        }
        var states = chunk.State.Span[1..];
        if (chunk.Number < 0)
        {
            RestoreMachines(states);
            return;
        }
        var tails = chunk.Tails.Span;
        while (!states.IsEmpty)
        {
            var (sensor, state) = Next(ref states);
            var (_, segment) = Next(ref tails);
            var tail = new Reading[SegmentCodec.Count(segment)];
            SegmentCodec.Decode(segment, tail);
            var known = Known(sensor);
            AddTwin(SensorTwin.Restore(known, DetectorsFor(known), state, tail, _context));
        }
    }

    /// <summary>Where the log is to be read from. Before the loop runs.</summary>
    public void RestorePosition(long position) => Position = position;

    private ReadOnlySpan<byte> PackStates(List<SensorTwin> twins)
    {
        var bound = 1;
        foreach (var twin in twins)
        {
            bound += 8 + twin.MaxStateSize;
        }
        var scratch = Scratch(bound);
        scratch[0] = ChunkVersion;
        var at = 1;
        foreach (var twin in twins)
        {
            at = Append(scratch, at, twin.Sensor.Id, twin.SaveState(scratch.AsSpan(at + 8)));
        }
        return scratch.AsSpan(0, at);
    }

    private ReadOnlySpan<byte> PackTails(List<SensorTwin> twins)
    {
        var bound = 0;
        foreach (var twin in twins)
        {
            bound += 8 + SegmentCodec.MaxEncodedSize(twin.Tail.Length);
        }
        var scratch = Scratch(bound);
        var at = 0;
        foreach (var twin in twins)
        {
            at = Append(scratch, at, twin.Sensor.Id, twin.Tail.IsEmpty ? 0 : SegmentCodec.Encode(twin.Tail, scratch.AsSpan(at + 8)));
        }
        return scratch.AsSpan(0, at);
    }

    private byte[] Scratch(int bound) => _chunkScratch.Length >= bound ? _chunkScratch : _chunkScratch = new byte[2 * bound];

    private static int Append(byte[] scratch, int at, int sensor, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(scratch.AsSpan(at), sensor);
        BinaryPrimitives.WriteInt32LittleEndian(scratch.AsSpan(at + 4), length);
        return at + 8 + length;
    }

    private static (int Sensor, byte[] Bytes) Next(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 8 || BinaryPrimitives.ReadInt32LittleEndian(rest[4..]) is var length && (uint)length > (uint)(rest.Length - 8))
        {
            throw new InvalidDataException("a snapshot's chunk ends too early");
        }
        var next = (BinaryPrimitives.ReadInt32LittleEndian(rest), rest.Slice(8, length).ToArray());
        rest = rest[(8 + length)..];
        return next;
    }
}
