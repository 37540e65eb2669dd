namespace SensorGrid.Cli.Simulation;

/// <summary>How a sensor's values come about: a base, the machine's cycle, a slow wander and noise.</summary>
/// <param name="Noise">Standard deviation from reading to reading.</param>
/// <param name="Wander">Standard deviation of the slow movement, which forgets itself over <see cref="WanderTime"/>.</param>
internal sealed record SensorModel(string Name, string Unit, double Base, double Noise, double Wander)
{
    public int Decimals { get; init; } = 2;

    public TimeSpan WanderTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What the machine's cycle adds; null: nothing, the sensor is steady.</summary>
    public Func<MachineCycle, double>? Cycle { get; init; }

    public double? Low { get; init; }

    public double? High { get; init; }

    /// <summary>How far values usually lie apart.</summary>
    public double Spread => Noise + Wander;
}
