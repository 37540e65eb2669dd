using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Sealed readings, encoded, that wait for the next checkpoint. Each block points to the one before it of the same sensor. Written by one
/// thread; may be read by several once nothing is added any more.
/// </summary>
internal sealed class BlockArena : IDisposable
{
    /// <summary>No block before: addresses are never 0.</summary>
    private const uint None = 0;

    private static readonly int HeaderSize = Unsafe.SizeOf<Header>();

    private readonly ByteArena _bytes = new();

    // The newest block of each slot.
    private uint[] _newest = [];

    public bool IsEmpty => _bytes.Bytes == 0;

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes => _bytes.Bytes;

    /// <param name="slot">Of the sensor in its partition, from 0.</param>
    /// <param name="readings">
    /// At most <see cref="SegmentCodec.MaxBlock"/>, as a tail holds no more: one block of a segment, whose first and last time its header tells. Strictly
    /// ascending in time and newer than the sensor's blocks before.
    /// </param>
    public void Add(int slot, int sensor, ReadOnlySpan<Reading> readings)
    {
        if (slot >= _newest.Length)
        {
            Grow(slot + 1);
        }
        var room = _bytes.Reserve(HeaderSize + SegmentCodec.MaxEncodedSize(readings.Length));
        var length = SegmentCodec.Encode(readings, room[HeaderSize..]);
        var header = new Header(_newest[slot], sensor, (ushort)readings.Length, (ushort)length);
        MemoryMarshal.Write(room, in header);
        _newest[slot] = _bytes.Address;
        _bytes.Commit(HeaderSize + length);
    }

    /// <summary>The blocks of a slot that overlap a span, oldest first, into <paramref name="blocks"/>.</summary>
    public void Collect(int slot, long from, long to, List<SegmentRow> blocks)
    {
        blocks.Clear();
        var at = slot < _newest.Length ? _newest[slot] : None;
        while (at != None)
        {
            var record = _bytes[at];
            var header = MemoryMarshal.Read<Header>(record.Span);
            var data = record.Slice(HeaderSize, header.Length);
            var (start, end) = Bounds(data.Span);
            if (end < from)
            {
                break;
            }
            if (start < to)
            {
                blocks.Add(new SegmentRow(header.Sensor, start, end, header.Count, data));
            }
            at = header.Previous;
        }
        blocks.Reverse();
    }

    /// <summary>All readings as rows for the table: the blocks of a sensor become one larger block, which is smaller than they were, up to <paramref name="maxReadings"/>.</summary>
    public IEnumerable<SegmentRow> Rows(int maxReadings)
    {
        var blocks = new List<SegmentRow>();
        for (var slot = 0; slot < _newest.Length; slot++)
        {
            Collect(slot, long.MinValue, long.MaxValue, blocks);
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
        _bytes.Dispose();
        ArrayPool<uint>.Shared.Return(_newest);
        _newest = [];
    }

    private void Grow(int slots)
    {
        var larger = ArrayPool<uint>.Shared.Rent(Math.Max(1024, slots));
        _newest.CopyTo(larger, 0);
        larger.AsSpan(_newest.Length).Clear();
        ArrayPool<uint>.Shared.Return(_newest);
        _newest = larger;
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
    private readonly record struct Header(uint Previous, int Sensor, ushort Count, ushort Length);
}
