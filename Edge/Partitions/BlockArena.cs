using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Edge.Partitions;

/// <summary>
/// Sealed readings, encoded, that wait for the next checkpoint. Blocks of all sensors lie one behind the other in large chunks; each points to the
/// one before it of the same sensor. Written by one thread; may be read by several once nothing is added any more.
/// </summary>
internal sealed class BlockArena : IDisposable
{
    private const int ChunkSize = 256 << 10;
    private const int Alignment = 8;

    /// <summary>No block before: addresses are counted from 1.</summary>
    private const uint None = 0;

    private static readonly int HeaderSize = Unsafe.SizeOf<Header>();

    private readonly Dictionary<int, uint> _newest = [];
    private readonly List<byte[]> _chunks = [];
    private int _used = ChunkSize;

    public int Sensors => _newest.Count;

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes => (long)_chunks.Count * ChunkSize;

    /// <param name="readings">At most 4,096; strictly ascending in time and newer than the sensor's blocks before.</param>
    public void Add(int sensor, ReadOnlySpan<Reading> readings)
    {
        var needed = HeaderSize + SegmentCodec.MaxEncodedSize(readings.Length);
        if (_used + needed > ChunkSize)
        {
            _chunks.Add(ArrayPool<byte>.Shared.Rent(ChunkSize));
            _used = 0;
        }
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, sensor, out _);
        var chunk = _chunks[^1];
        var length = SegmentCodec.Encode(readings, chunk.AsSpan(_used + HeaderSize));
        var header = new Header(newest, (ushort)readings.Length, (ushort)length);
        MemoryMarshal.Write(chunk.AsSpan(_used), in header);
        newest = (uint)((((long)(_chunks.Count - 1) * ChunkSize) + _used) / Alignment) + 1;
        _used += (HeaderSize + length + Alignment - 1) & ~(Alignment - 1);
    }

    /// <summary>The blocks of a sensor that overlap a span, oldest first, into <paramref name="blocks"/>.</summary>
    public void Collect(int sensor, long from, long to, List<SegmentRow> blocks)
    {
        blocks.Clear();
        if (!_newest.TryGetValue(sensor, out var at))
        {
            return;
        }
        while (at != None)
        {
            var address = (long)(at - 1) * Alignment;
            var chunk = _chunks[(int)(address / ChunkSize)];
            var offset = (int)(address % ChunkSize);
            var header = MemoryMarshal.Read<Header>(chunk.AsSpan(offset));
            var data = chunk.AsMemory(offset + HeaderSize, header.Length);
            var (start, end) = Bounds(data.Span);
            if (end < from)
            {
                break;
            }
            if (start < to)
            {
                blocks.Add(new SegmentRow(sensor, start, end, header.Count, data));
            }
            at = header.Previous;
        }
        blocks.Reverse();
    }

    /// <summary>All readings as rows for the table: the blocks of a sensor become one larger block, which is smaller than they were, up to <paramref name="maxReadings"/>.</summary>
    public IEnumerable<SegmentRow> Rows(int maxReadings)
    {
        var blocks = new List<SegmentRow>();
        foreach (var sensor in _newest.Keys)
        {
            Collect(sensor, long.MinValue, long.MaxValue, blocks);
            for (var i = 0; i < blocks.Count;)
            {
                var end = i + 1;
                var count = blocks[i].Count;
                while (end < blocks.Count && count + blocks[end].Count <= maxReadings)
                {
                    count += blocks[end++].Count;
                }
                yield return end == i + 1 ? blocks[i] : Join(blocks, i, end, count);
                i = end;
            }
        }
    }

    public void Dispose()
    {
        foreach (var chunk in _chunks)
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
        _chunks.Clear();
        _newest.Clear();
        _used = ChunkSize;
    }

    private static SegmentRow Join(List<SegmentRow> blocks, int from, int end, int count)
    {
        var readings = ArrayPool<Reading>.Shared.Rent(count);
        var data = ArrayPool<byte>.Shared.Rent(SegmentCodec.MaxEncodedSize(count));
        var at = 0;
        for (var i = from; i < end; i++)
        {
            at += SegmentCodec.Decode(blocks[i].Data.Span, readings.AsSpan(at));
        }
        var length = SegmentCodec.Encode(readings.AsSpan(0, count), data);
        var row = new SegmentRow(blocks[from].Sensor, blocks[from].Start, blocks[end - 1].End, count, data.AsSpan(0, length).ToArray());
        ArrayPool<Reading>.Shared.Return(readings);
        ArrayPool<byte>.Shared.Return(data);
        return row;
    }

    private static (long Start, long End) Bounds(ReadOnlySpan<byte> data)
    {
        foreach (var block in SegmentCodec.Blocks(data))
        {
            return (block.FirstTime, block.LastTime);
        }
        throw new InvalidDataException("an empty block");
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Header(uint Previous, ushort Count, ushort Length);
}
