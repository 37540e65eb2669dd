namespace SensorGrid.Core.Tests.Detectors;

/// <summary>Signals as plants have them, one value a second, without faults, from a seed.</summary>
public sealed class PlantSignal(string name, Func<Random, IEnumerator<double>> make)
{
    public static readonly PlantSignal Flat = new("flat with noise", random => Endless(_ => 50 + Gaussian(random)));

    public static readonly PlantSignal RandomWalk = new("random walk", random =>
    {
        var level = 0.0;
        return Endless(_ => level += Gaussian(random));
    });

    public static readonly PlantSignal Wandering = new("autocorrelated (0.99)", random =>
    {
        var level = 0.0;
        return Endless(_ => level = (0.99 * level) + Gaussian(random));
    });

    public static readonly PlantSignal Constant = new("constant", _ => Endless(_ => 42));

    public static readonly PlantSignal Counter = new("counter", random =>
    {
        var count = 0.0;
        return Endless(_ => count += random.NextDouble() < 0.3 ? 1 : 0);
    });

    public static readonly PlantSignal Meter = new("meter", random =>
    {
        var total = 1e6;
        return Endless(_ => total += 2 + (0.1 * Gaussian(random)));
    });

    public static readonly PlantSignal Coarse = new("coarsely quantised", random => Endless(_ => Math.Round(20 + (0.3 * Gaussian(random)))));

    public static readonly PlantSignal Thermometer = new("thermometer in tenths, one day", random =>
    {
        var phase = random.NextDouble();
        return Endless(t => Math.Round((20 + (5 * Wave(t, 86_400, phase)) + (0.04 * Gaussian(random))) * 10) / 10);
    });

    public string Name => name;

    public IEnumerator<double> Start(int seed) => make(new Random(seed));

    public static PlantSignal Sine(int period, double amplitude) => new($"sine {period} s, {amplitude} sigma", random =>
    {
        var phase = random.NextDouble();
        return Endless(t => (amplitude * Wave(t, period, phase)) + Gaussian(random));
    });

    public static PlantSignal OnOff(int period, double share, double offNoise) =>
        new($"on-off {period} s, on {share:0.0}, off {(offNoise > 0 ? "with noise" : "constant")}", random =>
        {
            var left = random.Next(period) + 1;
            var on = false;
            return Endless(_ =>
            {
                if (--left <= 0)
                {
                    on = !on;
                    left = (int)(period * (on ? share : 1 - share) * (0.9 + (0.2 * random.NextDouble())));
                }
                return on ? 30 + Gaussian(random) : offNoise * Gaussian(random);
            });
        });

    /// <summary>A standard normal value, near enough: the sum of twelve uniform ones, without library functions.</summary>
    public static double Gaussian(Random random)
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
        {
            sum += random.NextDouble();
        }
        return sum;
    }

    private static double Wave(int second, int period, double phase) => Math.Sin(2 * Math.PI * (((double)second / period) + phase));

    private static IEnumerator<double> Endless(Func<int, double> value)
    {
        for (var second = 0; ; second++)
        {
            yield return value(second);
        }
    }
}
