namespace SensorGrid.Cli.Simulation;

/// <summary>A sort of machine.</summary>
/// <param name="Cycle">How long its work takes, give or take some percent.</param>
internal sealed record MachineModel(string Sort, TimeSpan Cycle, IReadOnlyList<SensorModel> Sensors)
{
    /// <summary>Whether it is out of reach now and then, and sends what it kept when it is back.</summary>
    public bool LosesNetwork { get; init; }
}
