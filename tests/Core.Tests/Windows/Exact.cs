using System.Numerics;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Windows;

/// <summary>Plain computations over readings in whole numbers of 2^-1074, the unit that every double is a multiple of; rounded once.</summary>
internal static class Exact
{
    public static double Sum(IEnumerable<double> values) => Divide(values.Aggregate(BigInteger.Zero, (sum, v) => sum + Units(v)), 1, 1);

    public static double Mean(IReadOnlyCollection<double> values) =>
        Divide(values.Aggregate(BigInteger.Zero, (sum, v) => sum + Units(v)), values.Count, 1);

    public static double StandardDeviation(IReadOnlyCollection<double> values)
    {
        BigInteger n = values.Count;
        var units = values.Select(Units).ToList();
        var sum = units.Aggregate(BigInteger.Zero, (a, b) => a + b);
        var squares = units.Aggregate(BigInteger.Zero, (a, b) => a + (b * b));
        return Math.Sqrt(Divide((n * squares) - (sum * sum), n * (n - 1), 2));
    }

    public static double TimeWeightedMean(IReadOnlyList<Reading> usable)
    {
        var duration = usable[^1].Time - usable[0].Time;
        if (duration == 0)
        {
            return usable[^1].Value;
        }
        var integral = BigInteger.Zero;
        for (var i = 1; i < usable.Count; i++)
        {
            integral += Units(usable[i - 1].Value) * (usable[i].Time - usable[i - 1].Time);
        }
        return Divide(integral, duration, 1);
    }

    private static BigInteger Units(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var mantissa = bits & ((1L << 52) - 1);
        var magnitude = exponent == 0 ? mantissa : new BigInteger(mantissa | (1L << 52)) << (exponent - 1);
        return bits < 0 ? -magnitude : magnitude;
    }

    // numerator / denominator, in units to a power; 80 bits of the quotient are kept.
    private static double Divide(BigInteger numerator, BigInteger denominator, int power)
    {
        var shift = 80 - (int)(numerator.GetBitLength() - denominator.GetBitLength());
        var quotient = shift >= 0 ? (numerator << shift) / denominator : numerator / (denominator << -shift);
        return Math.ScaleB((double)quotient, -shift - (1074 * power));
    }
}
