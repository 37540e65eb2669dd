using System.Buffers.Binary;
using SensorGrid.Core.Twins;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Capturing. A snapshot's chunk holds <see cref="ChunkTwins"/> twins: <c>State</c> is the header and for each twin its sensor's id (int32), the
/// length of its state (int32) and the state; <c>Tails</c> is for each twin the id, the length and the tail as a segment. Little-endian.
/// </summary>
internal sealed partial class Partition
{
    private const int ChunkTwins = 64;

    private ByteArena? _snapshot;
    private byte[] _chunkScratch = new byte[64 << 10];
    private long _capturedPosition;

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
                var tails = bytes.Keep(PackTails(twins));
                chunks.Add(new SnapshotChunk(from / ChunkTwins, bytes.Keep(PackStates(twins, tails.Span)), tails));
                twins.ForEach(t => t.HasChanged = false);
            }
        }
        chunks.AddRange(CaptureMachines(bytes));
        // The position alone moves on where readings of the log were lost.
        if (chunks.Count == 0 && _pending.IsEmpty && Position == _capturedPosition)
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
        _capturedPosition = Position;
        Volatile.Write(ref _logBytes, 0);
        return new CheckpointDraft(Number, Position, _saving, chunks, new ChunkCounts(ChunksOf(_slots.Count), ChunksOf(_machineSlots.Count)));
    }

    /// <summary>What was captured is in Postgres.</summary>
    public void Saved()
    {
        if (_saving is not null)
        {
            ForgetAlarms(_saving);
            _saving.Dispose();
        }
        _saving = null;
        _snapshot?.Dispose();
        _snapshot = null;
        PublishPending();
    }

    /// <summary>The chunks that so many twins take.</summary>
    public static int ChunksOf(int twins) => (twins + ChunkTwins - 1) / ChunkTwins;

    private ReadOnlySpan<byte> PackStates(List<SensorTwin> twins, ReadOnlySpan<byte> tails)
    {
        var bound = SnapshotChunk.HeaderSize;
        foreach (var twin in twins)
        {
            bound += 8 + twin.MaxStateSize;
        }
        var scratch = Scratch(bound);
        var at = SnapshotChunk.HeaderSize;
        foreach (var twin in twins)
        {
            at = Append(scratch, at, twin.Sensor.Id, twin.SaveState(scratch.AsSpan(at + 8)));
        }
        SnapshotChunk.WriteHeader(scratch.AsSpan(0, at), tails);
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
}
