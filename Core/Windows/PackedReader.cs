using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SensorGrid.Core.Windows;

/// <summary>Reads what <see cref="PackedWriter"/> wrote; throws <see cref="InvalidDataException"/> where the bytes end too early.</summary>
internal ref struct PackedReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;

    public int Position { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if ((uint)Position >= (uint)_source.Length)
        {
            ThrowInvalid();
        }
        return _source[Position++];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadUnsigned()
    {
        ulong first = ReadByte();
        return first < 0x80 ? first : ReadRest(first);
    }

    public long ReadSigned()
    {
        var value = ReadUnsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(ReadBytes(8));

    public double ReadUpperBytes(int count)
    {
        ulong bits = 0;
        for (var i = 0; i < count; i++)
        {
            bits |= (ulong)ReadByte() << (56 - (8 * i));
        }
        return BitConverter.UInt64BitsToDouble(bits);
    }

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if ((uint)count > (uint)(_source.Length - Position))
        {
            ThrowInvalid();
        }
        var bytes = _source.Slice(Position, count);
        Position += count;
        return bytes;
    }

    [DoesNotReturn]
    public static void ThrowInvalid() => throw new InvalidDataException("packed window statistics are damaged or of another version");

    private ulong ReadRest(ulong value)
    {
        value &= 0x7F;
        for (var shift = 7; shift < 64; shift += 7)
        {
            ulong next = ReadByte();
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        ThrowInvalid();
        return 0;
    }
}
