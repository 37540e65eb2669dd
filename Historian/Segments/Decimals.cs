using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SensorGrid.Historian.Segments;

/// <summary>
/// Finds the integers m with <c>(double)m / 10^scale</c> equal to given doubles bit for bit. Both operands are exact (m below 2^51,
/// powers of ten to 10^22), so the division is correctly rounded everywhere, SQL included; and what a scale reproduces, every
/// larger scale does while m fits.
/// </summary>
internal static class Decimals
{
    public const int MaxScale = 22;

    // Adding and subtracting 1.5 * 2^52 rounds a double below 2^51 to the nearest integer; in between, its low bits are that integer.
    private const double Rounder = 6755399441055744.0;
    private const double Limit = 2251799813685248.0;

    private static readonly double[] Powers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    public static double Power(int scale) => Powers[scale];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryScale(double value, int scale, out long integer)
    {
        var power = Powers[scale];
        var scaled = value * power;
        var shifted = scaled + Rounder;
        integer = BitConverter.DoubleToInt64Bits(shifted) - BitConverter.DoubleToInt64Bits(Rounder);
        var back = (shifted - Rounder) / power;
        return Math.Abs(scaled) < Limit && BitConverter.DoubleToInt64Bits(back) == BitConverter.DoubleToInt64Bits(value);
    }

    /// <summary>The smallest scale from <paramref name="from"/> on that reproduces the value, or -1.</summary>
    public static int ScaleOf(double value, int from, out long integer)
    {
        for (var scale = from; scale <= MaxScale; scale++)
        {
            if (TryScale(value, scale, out integer))
            {
                return scale;
            }
            if (!(Math.Abs(value) * Powers[scale] < Limit))
            {
                break;
            }
        }
        integer = 0;
        return -1;
    }

    /// <summary>The value with its smallest scale, searched from a guess; false where there is none.</summary>
    public static bool TryShorten(double value, ref int scale, out long integer)
    {
        // A guess too large for a large value says nothing about smaller scales.
        if (!TryScale(value, scale, out integer))
        {
            scale = ScaleOf(value, Math.Abs(value) * Powers[scale] < Limit ? scale + 1 : 0, out integer);
            return scale >= 0;
        }
        while (scale > 0)
        {
            var shorter = integer / 10;
            if (shorter * 10 != integer)
            {
                break;
            }
            integer = shorter;
            scale--;
        }
        return true;
    }

    /// <summary>
    /// The smallest scale from <paramref name="from"/> on that reproduces all values, with their integers; -1 where there is none.
    /// </summary>
    public static int ScaleOf(ReadOnlySpan<double> values, int from, Span<long> integers)
    {
        var scale = ScaleOf(values[0], from, out _);
        if (scale >= 0)
        {
            scale = ScaleOf(values[^1], scale, out _);
        }
        while (scale >= 0)
        {
            var reproduced = Reproduced(values, scale, integers);
            if (reproduced == values.Length)
            {
                break;
            }
            scale = ScaleOf(values[reproduced], scale + 1, out _);
        }
        return scale;
    }

    /// <summary>How many of the first values the scale reproduces.</summary>
    private static int Reproduced(ReadOnlySpan<double> values, int scale, Span<long> integers)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var power = Vector256.Create(Powers[scale]);
            var rounder = Vector256.Create(Rounder);
            var limit = Vector256.Create(Limit);
            ref var from = ref MemoryMarshal.GetReference(values);
            ref var to = ref MemoryMarshal.GetReference(integers[..values.Length]);
            for (; i <= values.Length - 4; i += 4)
            {
                var value = Vector256.LoadUnsafe(ref from, (nuint)i);
                var scaled = value * power;
                var shifted = scaled + rounder;
                var same = Vector256.Equals(((shifted - rounder) / power).AsInt64(), value.AsInt64());
                if ((same & Vector256.LessThan(Vector256.Abs(scaled), limit).AsInt64()) != Vector256<long>.AllBitsSet)
                {
                    break;
                }
                (shifted.AsInt64() - rounder.AsInt64()).StoreUnsafe(ref to, (nuint)i);
            }
        }
        for (; i < values.Length && TryScale(values[i], scale, out integers[i]); i++)
        {
        }
        return i;
    }
}
