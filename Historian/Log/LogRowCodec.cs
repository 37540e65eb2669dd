using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Log;

/// <summary>
/// Rows of the log: a run of one partition's readings in arrival order, any sensors, any times, as byte-aligned columns. The bytes
/// are described in docs/segment-format.md. Pure, thread-safe, allocates nothing but what the block decoded into grows by.
/// </summary>
public static class LogRowCodec
{
    /// <summary>The most bytes of a row: such a row stays within its Postgres page of 8 KiB.</summary>
    public const int MaxRow = 8000;

    /// <summary>The most readings of a row.</summary>
    public const int MaxCount = 4096;

    private const int Step = 256;

    /// <summary>Writes as many readings as a row holds and returns its length in bytes.</summary>
    /// <param name="start">The first reading to write; before the block's end.</param>
    /// <param name="destination">At least <see cref="MaxRow"/> bytes.</param>
    /// <param name="count">The readings written; at least one.</param>
    [SkipLocalsInit]
    public static int Encode(ReadingBlock block, int start, Span<byte> destination, out int count)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(start, block.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxRow, nameof(destination));
        Span<long> integers = stackalloc long[MaxCount];
        var plan = new LogRowPlan(integers);
        var header = Fill(block, start, ref plan);
        count = header.Count;
        WriteColumns(block, start, header, integers[..count], destination);
        header.Write(destination);
        return header.RowLength;
    }

    /// <summary>Appends a row's readings to a block, in their order. After an exception the block is as it was.</summary>
    /// <exception cref="CorruptSegmentException"/>
    public static void Decode(ReadOnlySpan<byte> row, ReadingBlock into)
    {
        ArgumentNullException.ThrowIfNull(into);
        var header = LogRowHeader.Read(row);
        var before = into.Count;
        if (!TryRead(row, header, into))
        {
            into.Truncate(before);
            Corrupt.Throw("a log row has a time or a quality that does not exist");
        }
    }

    /// <summary>Takes readings step by step until the row is full; the columns are as wide as all that were looked at need.</summary>
    private static LogRowHeader Fill(ReadingBlock block, int start, ref LogRowPlan plan)
    {
        var header = default(LogRowHeader);
        while (start + plan.Count < block.Count && plan.Count < MaxCount)
        {
            var (from, length) = (start + plan.Count, Math.Min(Step, block.Count - start - plan.Count));
            plan.Add(
                block.Sensors.Slice(from, length), block.Times.Slice(from, length),
                block.Values.Slice(from, length), block.Qualities.Slice(from, length));
            var next = plan.Header();
            if (next.RowLength > MaxRow)
            {
                next.Count = Math.Max(header.Count, (MaxRow - LogRowHeader.Size - LogRowHeader.ChecksumBytes) / next.BytesPerReading);
                // The readings of the last step may have widened the columns so far that fewer fit than did without them. Their
                // integers are at the wider scale by now, so the narrow header cannot be used as it is.
                return next.RowLength <= MaxRow ? next : Narrow(block, start, header.Count, ref plan);
            }
            header = next;
        }
        return header;
    }

    private static LogRowHeader Narrow(ReadingBlock block, int start, int count, ref LogRowPlan plan)
    {
        plan = plan.Restart();
        plan.Add(
            block.Sensors.Slice(start, count), block.Times.Slice(start, count),
            block.Values.Slice(start, count), block.Qualities.Slice(start, count));
        return plan.Header();
    }

    private static void WriteColumns(
        ReadingBlock block, int start, in LogRowHeader header, ReadOnlySpan<long> integers, Span<byte> row)
    {
        var at = LogRowHeader.Size;
        if (header.ValueScale == LogRowHeader.Raw)
        {
            foreach (var value in block.Values.Slice(start, header.Count))
            {
                Put(row, ref at, BitConverter.DoubleToUInt64Bits(value), 8);
            }
        }
        else if (header.ValueWidth > 0)
        {
            foreach (var integer in integers)
            {
                Put(row, ref at, (ulong)(integer - header.FirstValue), header.ValueWidth);
            }
        }
        if (header.TimeWidth > 0)
        {
            WriteTimes(block.Times.Slice(start, header.Count), header, row, ref at);
        }
        if (header.SensorWidth > 0)
        {
            foreach (var sensor in block.Sensors.Slice(start, header.Count))
            {
                Put(row, ref at, (ulong)(sensor - (long)header.FirstSensor), header.SensorWidth);
            }
        }
        if (header.HasQualities)
        {
            MemoryMarshal.AsBytes(block.Qualities.Slice(start, header.Count)).CopyTo(row[at..]);
        }
    }

    private static void WriteTimes(ReadOnlySpan<long> times, in LogRowHeader header, Span<byte> row, ref int at)
    {
        var unit = (ulong)LogRowPlan.UnitOf(header.TimeScale);
        foreach (var time in times)
        {
            var offset = (ulong)(time - header.FirstTime);
            Put(row, ref at, unit == 1 ? offset : unit == 1000 ? offset / 1000 : offset / 1_000_000, header.TimeWidth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Span<byte> row, ref int at, ulong value, int width)
    {
        if (at <= row.Length - 8)
        {
            // Writes beyond the field; what belongs there is written later.
            Bits.WriteNumber(row[at..], value, width);
            at += width;
            return;
        }
        for (var down = (width - 1) * 8; down >= 0; down -= 8)
        {
            row[at++] = (byte)(value >> down);
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> row, in LogRowHeader header, ReadingBlock into)
    {
        ref var source = ref MemoryMarshal.GetReference(row);
        var raw = header.ValueScale == LogRowHeader.Raw;
        var power = Decimals.Power(raw ? 0 : header.ValueScale);
        var unit = (ulong)LogRowPlan.UnitOf(header.TimeScale);
        var (valueAt, timeAt, sensorAt) = (LogRowHeader.Size, header.TimesAt, header.SensorsAt);
        for (var i = 0; i < header.Count; i++)
        {
            var number = Get(ref source, row.Length, ref valueAt, header.ValueWidth);
            var value = raw ? BitConverter.UInt64BitsToDouble(number) : ((long)number + header.FirstValue) / power;
            var time = header.FirstTime + (long)(Get(ref source, row.Length, ref timeAt, header.TimeWidth) * unit);
            var sensor = header.FirstSensor + (int)Get(ref source, row.Length, ref sensorAt, header.SensorWidth);
            var quality = header.HasQualities ? (Quality)row[header.QualitiesAt + i] : Quality.Good;
            if ((ulong)time > (ulong)EventTime.Max || quality > Quality.Bad)
            {
                return false;
            }
            into.Add(sensor, time, value, quality);
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Get(ref byte source, int length, ref int at, int width)
    {
        if (width == 0)
        {
            return 0;
        }
        var number = Bits.Load(ref source, length, at) >> (64 - (8 * width));
        at += width;
        return number;
    }
}
