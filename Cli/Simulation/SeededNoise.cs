namespace SensorGrid.Cli.Simulation;

/// <summary>Random numbers that are the same for a seed on every platform: SplitMix64 (Steele, Lea and Flood 2014).</summary>
internal sealed class SeededNoise(long seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>0 up to 1.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Uniform(double from, double to) => from + ((to - from) * Uniform());

    /// <summary>0 up to <paramref name="count"/>.</summary>
    public int Index(int count) => (int)(Uniform() * count);

    /// <summary>Mean 0, standard deviation 1, near enough to a normal value, and never beyond 3.5: the sum of four uniform ones.</summary>
    public double Normal()
    {
        var (a, b) = (Next(), Next());
        var sum = (a >> 32) + (a & uint.MaxValue) + (b >> 32) + (b & uint.MaxValue);
        return ((sum * (1.0 / (1UL << 32))) - 2) * Math.Sqrt(3);
    }

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
