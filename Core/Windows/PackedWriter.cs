using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SensorGrid.Core.Windows;

/// <summary>Writes numbers into a span that the caller made large enough.</summary>
internal ref struct PackedWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value) => _destination[Position++] = value;

    /// <summary>LEB128: seven bits a byte, the lowest first, the top bit set where more follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUnsigned(ulong value)
    {
        while (value >= 0x80)
        {
            _destination[Position++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _destination[Position++] = (byte)value;
    }

    /// <summary>Zigzag, so that small magnitudes of either sign are short.</summary>
    public void WriteSigned(long value) => WriteUnsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Eight bytes, little-endian; every NaN as the same one, because processors differ in which they make.</summary>
    public void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_destination[Position..], double.IsNaN(value) ? double.NaN : value);
        Position += 8;
    }

    /// <summary>The upper bytes of a double whose other bytes are zero.</summary>
    public void WriteUpperBytes(double value, int count)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        for (var i = 0; i < count; i++)
        {
            _destination[Position++] = (byte)(bits >> (56 - (8 * i)));
        }
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Position..]);
        Position += bytes.Length;
    }
}
