namespace SensorGrid.Cli.Simulation;

/// <summary>What a simulated plant has.</summary>
internal sealed record PlantSettings
{
    public int Factories { get; init; } = 2;

    /// <summary>In all factories together, of every sort in turn.</summary>
    public int Machines { get; init; } = 24;

    public int Seed { get; init; } = 1;

    /// <summary>The names of the factories.</summary>
    public IEnumerable<string> FactoryNames => Enumerable.Range(1, Factories).Select(i => $"plant-{i}");
}
