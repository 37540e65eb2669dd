using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SensorGrid.Historian.Segments;

/// <summary>
/// Fields of one width, back to back, most significant bit first, so that SQL reads them with <c>substring(bits, from, width)</c>.
/// Widths are 0 to 57 or 64: such a field lies within eight bytes from the byte it starts in.
/// </summary>
internal static class Bits
{
    private const int WidestUnaligned = 57;

    public static int WidthOf(ulong value) => 64 - BitOperations.LeadingZeroCount(value);

    public static int AllowedWidth(int width) => width > WidestUnaligned ? 64 : width;

    public static bool IsAllowedWidth(int width) => (uint)width <= WidestUnaligned || width == 64;

    public static int BytesOf(ulong value) => (WidthOf(value) + 7) >> 3;

    public static int BytesFor(int fields, int width) => (int)((((long)fields * width) + 7) >> 3);

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>
    /// Writes the fields, the last byte padded with zeros, and returns the bytes taken; may write up to 8 bytes beyond them.
    /// </summary>
    public static int Pack(ReadOnlySpan<ulong> fields, int width, Span<byte> destination)
    {
        if (width == 0 || fields.IsEmpty)
        {
            return 0;
        }
        var bytes = BytesFor(fields.Length, width);
        _ = destination[bytes + 7];
        ref var to = ref MemoryMarshal.GetReference(destination);
        ulong word = 0;
        var free = 64;
        foreach (var field in fields)
        {
            free -= width;
            if (free > 0)
            {
                word |= field << free;
                continue;
            }
            WriteWord(ref to, word | (field >> -free));
            to = ref Unsafe.Add(ref to, 8);
            word = free == 0 ? 0 : field << (64 + free);
            free += 64;
        }
        WriteWord(ref to, word);
        return bytes;
    }

    /// <summary>
    /// Reads fields from byte <paramref name="at"/> on. The caller has checked that the source holds them; it has at least 8 bytes.
    /// </summary>
    public static void Unpack(ReadOnlySpan<byte> source, int at, int width, Span<ulong> fields)
    {
        if (width == 0)
        {
            fields.Clear();
            return;
        }
        ref var from = ref MemoryMarshal.GetReference(source);
        var length = source.Length;
        var bit = (long)at << 3;
        var down = 64 - width;
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = (Load(ref from, length, (int)(bit >> 3)) << (int)(bit & 7)) >> down;
            bit += width;
        }
    }

    /// <summary>The eight bytes from <paramref name="at"/>, zeros where they lie beyond the source, which has at least eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(ref byte source, int length, int at)
    {
        var last = length - 8;
        return at <= last ? ReadWord(ref source, at) : ReadWord(ref source, last) << ((at - last) << 3);
    }

    /// <summary>An unsigned number of 0 to 8 bytes, big-endian.</summary>
    public static ulong ReadNumber(ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        foreach (var b in source)
        {
            value = (value << 8) | b;
        }
        return value;
    }

    /// <summary>Writes the lower <paramref name="bytes"/> bytes, big-endian, and returns their count; needs eight bytes of room.</summary>
    public static int WriteNumber(Span<byte> destination, ulong value, int bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, bytes == 0 ? 0 : value << (64 - (8 * bytes)));
        return bytes;
    }

    /// <summary>CRC-32C (RFC 3720, appendix B.4), in hardware where there is some.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }
        foreach (var b in data)
        {
            crc = BitOperations.Crc32C(crc, b);
        }
        return ~crc;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadWord(ref byte source, int at)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, at));
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteWord(ref byte destination, ulong word) =>
        Unsafe.WriteUnaligned(ref destination, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(word) : word);
}
