using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Segments;

/// <summary>
/// Segments: readings of one sensor, compressed without loss of a bit. A segment is one or more blocks back to back, so that
/// putting segments one after the other gives a segment. The bytes are described in docs/segment-format.md. Pure, thread-safe,
/// allocates nothing. Whatever the bytes, reading them ends in readings or in <see cref="CorruptSegmentException"/>.
/// </summary>
public static class SegmentCodec
{
    /// <summary>The most readings of one block.</summary>
    public const int MaxBlock = 4096;

    // Header, numbers and checksum take at most 49 bytes, packing writes up to 8 beyond its end; a reading takes at most
    // 57 bits of time, 64 of value, 2 of quality and 1 of repeat.
    private const int MaxPerBlock = 64;
    private const int MaxPerReading = 16;

    /// <summary>The bytes <see cref="Encode"/> needs room for; far more than it usually writes.</summary>
    public static int MaxEncodedSize(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return checked((((count + MaxBlock - 1) / MaxBlock) * MaxPerBlock) + (count * MaxPerReading));
    }

    /// <summary>Writes a segment, in blocks of <see cref="MaxBlock"/>, and returns its length in bytes.</summary>
    /// <param name="readings">Strictly ascending times within <see cref="EventTime.Min"/> and <see cref="EventTime.Max"/>.</param>
    /// <param name="destination">At least <see cref="MaxEncodedSize"/> bytes.</param>
    public static int Encode(ReadOnlySpan<Reading> readings, Span<byte> destination)
    {
        if (destination.Length < MaxEncodedSize(readings.Length))
        {
            throw new ArgumentException("Needs room for MaxEncodedSize bytes.", nameof(destination));
        }
        var written = 0;
        var last = long.MinValue;
        while (!readings.IsEmpty)
        {
            var block = readings[..Math.Min(readings.Length, MaxBlock)];
            if (block[0].Time <= last)
            {
                throw new ArgumentException("Times must ascend strictly.", nameof(readings));
            }
            last = block[^1].Time;
            written += BlockWriter.Write(block, destination[written..]);
            readings = readings[block.Length..];
        }
        return written;
    }

    /// <summary>The blocks of a segment, each verified as the enumeration comes to it.</summary>
    public static SegmentBlocks Blocks(ReadOnlySpan<byte> segment) => new(segment);

    /// <summary>How many readings a segment holds; verifies every checksum on the way.</summary>
    /// <exception cref="CorruptSegmentException"/>
    public static int Count(ReadOnlySpan<byte> segment)
    {
        var count = 0;
        foreach (var block in Blocks(segment))
        {
            count = checked(count + block.Count);
        }
        return count;
    }

    /// <summary>Decodes a segment and returns the count of readings.</summary>
    /// <param name="destination">At least <see cref="Count"/> readings; what was decoded before an error stays there.</param>
    /// <exception cref="CorruptSegmentException"/>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int Decode(ReadOnlySpan<byte> segment, Span<Reading> destination)
    {
        var count = 0;
        foreach (var block in Blocks(segment))
        {
            if (destination.Length - count < block.Count)
            {
                throw new ArgumentException("Too short for the segment's readings.", nameof(destination));
            }
            block.Decode(destination[count..]);
            count += block.Count;
        }
        return count;
    }
}
