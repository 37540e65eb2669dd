using System.Buffers.Binary;
using System.Numerics;
using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Segments;

/// <summary>One block of a segment, its checksum verified and its columns known to lie within it.</summary>
public readonly ref struct SegmentBlock
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly BlockHeader _header;
    private readonly int _values;

    /// <param name="source">Begins with the block; what follows it is ignored.</param>
    /// <exception cref="CorruptSegmentException"/>
    internal SegmentBlock(ReadOnlySpan<byte> source)
    {
        if (source.Length < BlockHeader.Size + BlockHeader.TimeBytes + BlockHeader.ChecksumBytes)
        {
            Corrupt.Throw("a segment block is cut short");
        }
        _header = BlockHeader.Read(source);
        _values = _header.Count;
        var length = _header.ColumnsAt + _header.QualityLength + _header.TimeLength + _header.RepeatLength;
        if (_header.Repeats)
        {
            var bits = source[Math.Min(source.Length, length - _header.RepeatLength)..Math.Min(source.Length, length)];
            _values = 1 + Ones(bits, _header.Count - 1);
        }
        length += Bits.BytesFor(_header.Fields(_values), _header.ValueWidth);
        if (source.Length - BlockHeader.ChecksumBytes < length)
        {
            Corrupt.Throw("a segment block is cut short");
        }
        if (Bits.Crc32C(source[..length]) != BinaryPrimitives.ReadUInt32BigEndian(source[length..]))
        {
            Corrupt.Throw("a segment block's checksum does not match");
        }
        _data = source[..(length + BlockHeader.ChecksumBytes)];
    }

    /// <summary>1 to <see cref="SegmentCodec.MaxBlock"/> readings.</summary>
    public int Count => _header.Count;

    /// <summary>The block's bytes: a segment by itself.</summary>
    public ReadOnlySpan<byte> Data => _data;

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public long FirstTime => (long)Bits.ReadNumber(_data.Slice(BlockHeader.Size, BlockHeader.TimeBytes));

    /// <summary>Microseconds since 1970-01-01 UTC. Costs a pass over the times unless they lie one step apart.</summary>
    public long LastTime => new BlockReader(_data, _header, _values).LastTime();

    /// <summary>Decodes into the first <see cref="Count"/> readings of the destination.</summary>
    public void Decode(Span<Reading> destination) => new BlockReader(_data, _header, _values).Read(destination[..Count]);

    private static int Ones(ReadOnlySpan<byte> bits, int count)
    {
        var ones = 0;
        while (bits.Length >= 8 && count >= 64)
        {
            ones += BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(bits));
            bits = bits[8..];
            count -= 64;
        }
        foreach (var b in bits)
        {
            var valid = Math.Min(count, 8);
            ones += BitOperations.PopCount((uint)(b >> (8 - valid)));
            count -= valid;
        }
        return ones;
    }
}
