namespace SensorGrid.Core.Windows;

/// <summary>
/// Numbers the buckets of a <see cref="QuantileSketch"/>: 35 an octave, the logarithm within it replaced by the cubic
/// 6s³ - 21s² + 50s, s the mantissa less one. That is DDSketch's cubically interpolated mapping (Masson, Rim, Lee 2019) with its
/// multiplier 7 / (10 ln γ) = 34.9988 for 1 % rounded up to 35: the coefficients become integers and no bucket straddles a power
/// of two. (1 + s) times the derivative is at least 50 (at s = 0 and s = 2/3), so that a bucket's bounds are at most e^0.02 apart
/// and its middle is at most tanh 0.01 = 0.99997 % off. Only IEEE multiplication and addition: the same on every machine.
/// </summary>
internal static class SketchIndex
{
    public const int PerOctave = 35;

    /// <summary>The bucket of 2^-1074, the smallest magnitude.</summary>
    public const int Lowest = -1074 * PerOctave;

    /// <summary>The bucket of the largest finite double.</summary>
    public const int Highest = (1024 * PerOctave) - 1;

    private const ulong Mantissa = (1UL << 52) - 1;

    private static readonly double[] Middles = FindMiddles();

    /// <summary>The bucket of a normal double, given its bits; the sign is not looked at.</summary>
    public static int Of(ulong bits)
    {
        var octave = ((int)(bits >> 52) & 0x7FF) - 1023;
        return (octave * PerOctave) + Step(bits & Mantissa);
    }

    /// <summary>The magnitude whose relative distance to both bounds of a bucket is the same.</summary>
    public static double Value(int index)
    {
        var octave = (int)Math.Floor((double)index / PerOctave);
        return Math.ScaleB(Middles[index - (octave * PerOctave)], octave);
    }

    // Below 35 for every mantissa, rounding included: the last one gives 35 - 7e-15.
    private static int Step(ulong mantissa)
    {
        var s = BitConverter.UInt64BitsToDouble(mantissa | 0x3FF0_0000_0000_0000) - 1;
        return (int)(((((6 * s) - 21) * s) + 50) * s);
    }

    private static double[] FindMiddles()
    {
        var middles = new double[PerOctave];
        var lower = 1.0;
        for (var step = 0; step < PerOctave; step++)
        {
            var upper = LowerBound(step + 1);
            middles[step] = 2 * lower * upper / (lower + upper);
            lower = upper;
        }
        return middles;
    }

    private static double LowerBound(int step)
    {
        ulong below = 0;
        var above = Mantissa + 1;
        while (above - below > 1)
        {
            var middle = (above + below) / 2;
            if (Step(middle) < step)
            {
                below = middle;
            }
            else
            {
                above = middle;
            }
        }
        return 1 + (above / (double)(Mantissa + 1));
    }
}
