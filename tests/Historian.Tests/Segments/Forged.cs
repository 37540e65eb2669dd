using System.Buffers.Binary;

namespace SensorGrid.Historian.Tests.Segments;

/// <summary>Bytes that no writer writes, with the checksum of one: what remains to harm a decoder that trusts checksums.</summary>
internal static class Forged
{
    /// <summary>Turns random bytes into one block of random but often consistent fields.</summary>
    public static byte[] Block(Random random, byte[] noise)
    {
        var count = random.Next(1, random.Next(2) == 0 ? 20 : 4097);
        var form = random.Next(4);
        var quality = random.Next(4);
        var repeats = random.Next(2);
        var width = random.Next(4) == 0 ? 64 : random.Next(58);
        var scale = random.Next(form == 3 ? 65 - width : 23);
        var baseBytes = random.Next(9);
        var aux = form == 1 ? random.Next(9) : form == 2 ? random.Next(6) : 0;
        var (stepBytes, timeWidth, unitBytes) = (random.Next(8), random.Next(3) > 0 ? 0 : random.Next(58), random.Next(8));
        var word = (1UL << 56) | ((ulong)(count - 1) << 44) | ((ulong)quality << 42) | ((ulong)repeats << 41) | ((ulong)form << 39)
            | ((ulong)width << 32) | ((ulong)(scale & 63) << 26) | ((ulong)baseBytes << 22) | ((ulong)aux << 18)
            | ((ulong)stepBytes << 15) | ((ulong)timeWidth << 9) | ((ulong)unitBytes << 6);
        var at = 15 + stepBytes + unitBytes + baseBytes + (form == 1 ? aux : 0) + (quality == 3 ? ((2 * count) + 7) / 8 : 0)
            + ((((count - 1) * timeWidth) + 7) / 8);
        var repeatBytes = repeats * ((count - 1 + 7) / 8);
        var bytes = new byte[at + repeatBytes + (count * 8) + 12];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = noise.Length == 0 ? (byte)0 : noise[i % noise.Length];
        }
        BinaryPrimitives.WriteUInt64BigEndian(bytes, word);
        // Small numbers more often than not, so that times stay within range.
        if (random.Next(4) > 0)
        {
            bytes.AsSpan(8, 3 + Math.Min(4, Math.Max(0, stepBytes - 4))).Clear();
            bytes.AsSpan(15, Math.Max(0, stepBytes - 3)).Clear();
        }
        var values = repeats == 0 ? count : 1 + Ones(bytes.AsSpan(at, repeatBytes), count - 1);
        var fields = form is 1 or 3 ? values - 1 : values;
        var end = at + repeatBytes + (int)((((long)fields * width) + 7) / 8);
        WriteChecksum(bytes.AsSpan(0, end + 4));
        return bytes[..(end + 4)];
    }

    /// <summary>Sets the last four bytes to the CRC-32C, bit by bit, of what comes before.</summary>
    public static void WriteChecksum(Span<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes[..^4])
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }
        BinaryPrimitives.WriteUInt32BigEndian(bytes[^4..], ~crc);
    }

    private static int Ones(ReadOnlySpan<byte> bits, int count)
    {
        var ones = 0;
        for (var i = 0; i < count; i++)
        {
            ones += (bits[i / 8] >> (7 - (i % 8))) & 1;
        }
        return ones;
    }
}
