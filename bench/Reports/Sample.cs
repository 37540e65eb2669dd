namespace SensorGrid.Bench.Reports;

/// <summary>Measured values, for what is usual and what is rare among them.</summary>
internal sealed class Sample(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public int Count => _sorted.Length;

    public double Max => _sorted[^1];

    public double Median => (_sorted[(Count - 1) / 2] + _sorted[Count / 2]) / 2;

    /// <summary>The smallest value that at least this share (0 to 1) of all values do not exceed: the nearest rank.</summary>
    public double Quantile(double share) => _sorted[Math.Max(0, (int)Math.Ceiling(share * Count) - 1)];
}
