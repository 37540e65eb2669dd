namespace SensorGrid.Bench.Plant;

/// <summary>
/// Values as a plant's, in hundredths: each sensor a sine of its own mean (20 to 80), amplitude (2 to 15), period (5 min to 2 h) and phase, plus
/// Gaussian noise of its own strength (standard deviation 0.02 to 0.5). A pure function of seed, sensor and time.
/// </summary>
internal sealed class PlantSignal
{
    private const int TableBits = 16;
    private const int TableSize = 1 << TableBits;

    private static readonly double[] Sine = [.. Enumerable.Range(0, TableSize).Select(i => Math.Sin(2 * Math.PI * i / TableSize))];

    private readonly double[] _noise;
    private readonly Shape[] _shapes;
    private readonly ulong _seed;

    public PlantSignal(int sensors, int seed)
    {
        var random = new Random(seed);
        _seed = (ulong)seed * 0x9E3779B97F4A7C15;
        _noise = [.. Enumerable.Range(0, TableSize).Select(_ => Gaussian(random))];
        _shapes = new Shape[sensors];
        for (var i = 0; i < sensors; i++)
        {
            var period = Between(random, 300, 7200);
            _shapes[i] = new Shape(
                Math.Round(Between(random, 2000, 8000)),
                Between(random, 200, 1500),
                2 * Math.Exp(random.NextDouble() * Math.Log(25)),
                random.NextDouble(),
                1 / (period * 1e6));
        }
    }

    /// <param name="time">Microseconds.</param>
    /// <returns>Hundredths.</returns>
    public int At(int sensor, long time)
    {
        ref readonly var shape = ref _shapes[sensor];
        var turns = shape.Phase + (time * shape.TurnsPerMicrosecond);
        var angle = (int)((turns - Math.Floor(turns)) * TableSize) & (TableSize - 1);
        return (int)Math.Round(shape.Mean + (shape.Amplitude * Sine[angle]) + (shape.Noise * _noise[Hash(sensor, time) >> (64 - TableBits)]));
    }

    private ulong Hash(int sensor, long time)
    {
        // The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
        var z = _seed + ((ulong)sensor * 0xD1B54A32D192ED03) + ((ulong)time * 0x8CB92BA72F3D8DD7);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static double Between(Random random, double low, double high) => low + ((high - low) * random.NextDouble());

    // Box and Muller 1958.
    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private readonly record struct Shape(double Mean, double Amplitude, double Noise, double Phase, double TurnsPerMicrosecond);
}
