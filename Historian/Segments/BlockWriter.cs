using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Segments;

/// <summary>Writes one block: 1 to <see cref="SegmentCodec.MaxBlock"/> readings, ascending.</summary>
internal static class BlockWriter
{
    // Fewer repeats than one reading in so many cannot save what their bits cost.
    private const int RepeatsPay = 8;

    /// <summary>Returns the bytes written. The destination has <see cref="SegmentCodec.MaxEncodedSize"/> bytes.</summary>
    [SkipLocalsInit]
    public static int Write(ReadOnlySpan<Reading> readings, Span<byte> destination)
    {
        Span<double> values = stackalloc double[readings.Length];
        Span<ulong> fields = stackalloc ulong[readings.Length];
        Span<long> integers = stackalloc long[readings.Length];
        var header = new BlockHeader { Count = readings.Length };
        var (regular, repeats) = Scan(readings, values, ref header);

        var plan = PlanValues(values, fields, integers, repeats, ref header);
        long step = 0, unit = 0;
        if (readings.Length > 1)
        {
            (step, unit) = regular ? (readings[1].Time - readings[0].Time, 0) : TimeSteps(readings, integers);
        }
        header.StepBytes = Bits.BytesOf((ulong)step);
        header.UnitBytes = Bits.BytesOf((ulong)unit);
        header.Form = plan.Form;
        header.ValueWidth = plan.Width;
        header.Scale = plan.Scale;
        var first = plan.Form == ValueForm.Xor ? (ulong)plan.Base : Bits.ZigZag(plan.Base);
        header.BaseBytes = Bits.BytesOf(first);
        header.Aux = plan.Form == ValueForm.Delta ? Bits.BytesOf(Bits.ZigZag(plan.Delta)) : plan.Aux;

        var at = BlockHeader.Size;
        at += Bits.WriteNumber(destination[at..], (ulong)readings[0].Time, BlockHeader.TimeBytes);
        at += Bits.WriteNumber(destination[at..], (ulong)step, header.StepBytes);
        at += Bits.WriteNumber(destination[at..], (ulong)unit, header.UnitBytes);
        at += Bits.WriteNumber(destination[at..], first, header.BaseBytes);
        at += Bits.WriteNumber(destination[at..], Bits.ZigZag(plan.Delta), header.DeltaBytes);

        at += WriteColumns(readings, fields[..plan.Fields(header.Repeats ? readings.Length - repeats : readings.Length)],
            integers, regular ? 0 : unit, step, ref header, destination[at..]);
        header.Write(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[at..], Bits.Crc32C(destination[..at]));
        return at + BlockHeader.ChecksumBytes;
    }

    /// <summary>
    /// Copies the values out; finds the quality field, whether all times lie one step apart, and the values equal to the one before.
    /// </summary>
    private static (bool Regular, int Repeats) Scan(ReadOnlySpan<Reading> readings, Span<double> values, ref BlockHeader header)
    {
        var previous = readings[0];
        values[0] = previous.Value;
        var quality = (int)previous.Quality;
        var mixed = 0;
        var step = readings.Length > 1 ? readings[1].Time - previous.Time : 1;
        long irregular = 0;
        var repeats = 0;
        var smallest = step;
        for (var i = 1; i < readings.Length; i++)
        {
            var reading = readings[i];
            var delta = reading.Time - previous.Time;
            smallest = Math.Min(smallest, delta);
            irregular |= delta ^ step;
            mixed |= (int)reading.Quality ^ quality;
            repeats += BitConverter.DoubleToInt64Bits(reading.Value) == BitConverter.DoubleToInt64Bits(previous.Value) ? 1 : 0;
            values[i] = reading.Value;
            previous = reading;
        }
        if (smallest <= 0 || readings[0].Time < EventTime.Min || previous.Time > EventTime.Max)
        {
            throw new ArgumentException("Times must ascend strictly and lie within EventTime.Min and EventTime.Max.", nameof(readings));
        }
        header.Quality = mixed == 0 ? quality : BlockHeader.MixedQuality;
        return (irregular == 0, repeats);
    }

    private static ValuePlan PlanValues(
        ReadOnlySpan<double> values, Span<ulong> fields, Span<long> integers, int repeats, ref BlockHeader header)
    {
        if (repeats * RepeatsPay < values.Length)
        {
            return ValuePlan.Of(values, fields, integers);
        }
        Span<double> distinct = stackalloc double[values.Length - repeats];
        distinct[0] = values[0];
        for (int i = 1, to = 1; i < values.Length && to < distinct.Length; i++)
        {
            distinct[to] = values[i];
            to += BitConverter.DoubleToInt64Bits(values[i]) == BitConverter.DoubleToInt64Bits(values[i - 1]) ? 0 : 1;
        }
        var plan = ValuePlan.Of(distinct, fields, integers);
        // Without the repeats the differences never are zero; the width with them is this one or larger.
        header.Repeats = (values.Length - 1) + (plan.Width * plan.Fields(distinct.Length)) < plan.Width * plan.Fields(values.Length);
        return header.Repeats ? plan : ValuePlan.Of(values, fields, integers);
    }

    /// <summary>Every step is the smallest plus a multiple of the unit: the largest such unit.</summary>
    private static (long Step, long Unit) TimeSteps(ReadOnlySpan<Reading> readings, Span<long> steps)
    {
        var smallest = long.MaxValue;
        for (var i = 1; i < readings.Length; i++)
        {
            steps[i - 1] = readings[i].Time - readings[i - 1].Time;
            smallest = Math.Min(smallest, steps[i - 1]);
        }
        long unit = 0;
        for (var i = 0; i < readings.Length - 1 && unit != 1; i++)
        {
            var rest = steps[i] - smallest;
            rest = unit == 0 ? rest : rest % unit;
            while (rest != 0)
            {
                (unit, rest) = (rest, unit % rest);
            }
        }
        return (smallest, unit);
    }

    [SkipLocalsInit]
    private static int WriteColumns(
        ReadOnlySpan<Reading> readings, ReadOnlySpan<ulong> values, Span<long> steps, long unit, long step,
        ref BlockHeader header, Span<byte> destination)
    {
        var at = 0;
        var room = unit != 0 || header.Repeats || header.Quality == BlockHeader.MixedQuality ? readings.Length : 0;
        Span<ulong> fields = stackalloc ulong[room];
        if (header.Quality == BlockHeader.MixedQuality)
        {
            for (var i = 0; i < readings.Length; i++)
            {
                fields[i] = (ulong)readings[i].Quality;
            }
            at += Bits.Pack(fields, 2, destination);
        }
        if (unit != 0)
        {
            ulong all = 0;
            for (var i = 0; i < readings.Length - 1; i++)
            {
                var extra = (ulong)(steps[i] - step);
                fields[i] = unit == 1 ? extra : extra / (ulong)unit;
                all |= fields[i];
            }
            header.TimeWidth = Bits.WidthOf(all);
            at += Bits.Pack(fields[..^1], header.TimeWidth, destination[at..]);
        }
        if (header.Repeats)
        {
            for (var i = 1; i < readings.Length; i++)
            {
                var same = BitConverter.DoubleToInt64Bits(readings[i].Value) == BitConverter.DoubleToInt64Bits(readings[i - 1].Value);
                fields[i - 1] = same ? 0UL : 1;
            }
            at += Bits.Pack(fields[..^1], 1, destination[at..]);
        }
        return at + Bits.Pack(values, header.ValueWidth, destination[at..]);
    }
}
