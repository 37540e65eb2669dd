namespace SensorGrid.Historian.Segments;

/// <summary>How a run of values would be packed, and the fields' width; the cheapest of the forms that reproduce every bit.</summary>
internal struct ValuePlan
{
    // Narrower fields than this are not beaten by a scale for each value, which costs time to find out.
    private const int FloatPays = 12;

    public ValueForm Form;
    public int Width;
    public int Scale;
    public int Aux;

    /// <summary>The offset, or the first value: an integer, or raw bits in <see cref="ValueForm.Xor"/>.</summary>
    public long Base;

    /// <summary>The smallest difference.</summary>
    public long Delta;

    /// <param name="values">At least one.</param>
    /// <param name="fields">Room for as many; receives the fields to pack.</param>
    public static ValuePlan Of(ReadOnlySpan<double> values, Span<ulong> fields, Span<long> integers)
    {
        integers = integers[..values.Length];
        var scale = Decimals.ScaleOf(values, 0, integers);
        var plan = scale >= 0 ? OfIntegers(integers, scale) : OfBits(values);
        if (plan.Width > FloatPays && TryFloat(values, integers, fields, plan.Width, out var shorter))
        {
            return shorter;
        }
        if (plan.Form == ValueForm.Xor)
        {
            plan.FillBits(values, fields);
            return plan;
        }
        if (scale >= 0 && plan.Width > FloatPays)
        {
            // The attempt above has overwritten the integers.
            Decimals.ScaleOf(values, scale, integers);
        }
        plan.FillIntegers(integers, fields);
        return plan;
    }

    public readonly int Fields(int values) => Form is ValueForm.Delta or ValueForm.Xor ? values - 1 : values;

    private static ValuePlan OfIntegers(ReadOnlySpan<long> integers, int scale)
    {
        long min = integers[0], max = min, minDelta = long.MaxValue, maxDelta = long.MinValue, previous = min;
        foreach (var integer in integers[1..])
        {
            var delta = integer - previous;
            previous = integer;
            min = Math.Min(min, integer);
            max = Math.Max(max, integer);
            minDelta = Math.Min(minDelta, delta);
            maxDelta = Math.Max(maxDelta, delta);
        }
        var width = Bits.WidthOf((ulong)(max - min));
        var deltaWidth = integers.Length == 1 ? width : Bits.WidthOf((ulong)(maxDelta - minDelta));
        // SQL decodes plain offsets faster, and the smallest difference takes bytes of its own.
        return (width - deltaWidth) * integers.Length > 16
            ? new ValuePlan { Form = ValueForm.Delta, Width = deltaWidth, Scale = scale, Base = integers[0], Delta = minDelta }
            : new ValuePlan { Form = ValueForm.Offset, Width = width, Scale = scale, Base = min };
    }

    private static ValuePlan OfBits(ReadOnlySpan<double> values)
    {
        ulong all = 0;
        for (var i = 1; i < values.Length; i++)
        {
            all |= BitConverter.DoubleToUInt64Bits(values[i]) ^ BitConverter.DoubleToUInt64Bits(values[i - 1]);
        }
        var down = all == 0 ? 0 : System.Numerics.BitOperations.TrailingZeroCount(all);
        var width = Bits.WidthOf(all) - down;
        if (Bits.AllowedWidth(width) != width)
        {
            (width, down) = (64, 0);
        }
        return new ValuePlan { Form = ValueForm.Xor, Width = width, Scale = down, Base = BitConverter.DoubleToInt64Bits(values[0]) };
    }

    private static bool TryFloat(
        ReadOnlySpan<double> values, Span<long> integers, Span<ulong> scales, int width, out ValuePlan plan)
    {
        plan = default;
        long min = long.MaxValue, max = long.MinValue;
        int minScale = int.MaxValue, maxScale = 0, scale = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!Decimals.TryShorten(values[i], ref scale, out var integer))
            {
                return false;
            }
            integers[i] = integer;
            scales[i] = (ulong)scale;
            min = Math.Min(min, integer);
            max = Math.Max(max, integer);
            if (integer != 0)
            {
                minScale = Math.Min(minScale, scale);
                maxScale = Math.Max(maxScale, scale);
            }
            if (Bits.WidthOf((ulong)(max - min)) >= width)
            {
                return false;
            }
        }
        var aux = Bits.WidthOf((ulong)(maxScale - minScale));
        var low = Bits.WidthOf((ulong)(max - min));
        if (low + aux >= width || !Bits.IsAllowedWidth(low + aux))
        {
            return false;
        }
        for (var i = 0; i < values.Length; i++)
        {
            var up = integers[i] == 0 ? 0 : scales[i] - (ulong)minScale;
            scales[i] = (up << low) | (ulong)(integers[i] - min);
        }
        plan = new ValuePlan { Form = ValueForm.Float, Width = low + aux, Scale = minScale, Aux = aux, Base = min };
        return true;
    }

    private readonly void FillIntegers(ReadOnlySpan<long> integers, Span<ulong> fields)
    {
        if (Form == ValueForm.Offset)
        {
            for (var i = 0; i < integers.Length; i++)
            {
                fields[i] = (ulong)(integers[i] - Base);
            }
            return;
        }
        for (var i = 1; i < integers.Length; i++)
        {
            fields[i - 1] = (ulong)(integers[i] - integers[i - 1] - Delta);
        }
    }

    private readonly void FillBits(ReadOnlySpan<double> values, Span<ulong> fields)
    {
        for (var i = 1; i < values.Length; i++)
        {
            fields[i - 1] = (BitConverter.DoubleToUInt64Bits(values[i]) ^ BitConverter.DoubleToUInt64Bits(values[i - 1])) >> Scale;
        }
    }
}
