namespace SensorGrid.Bench.Cluster;

/// <summary>What one round took on the silos of one cluster.</summary>
/// <param name="Time">Until nothing was left in a queue.</param>
/// <param name="Cpu">All silos and their Postgres.</param>
/// <param name="Batches">That grains were given.</param>
/// <param name="Rows">Of the log.</param>
/// <param name="Retries">How often a silo asked to send again later.</param>
internal sealed record SilosRound(long Readings, TimeSpan Time, TimeSpan Cpu, double Batches, double Rows, int Retries)
{
    public double Rate => Readings / Time.TotalSeconds;

    /// <summary>Seconds.</summary>
    public double CpuEach => Cpu.TotalSeconds / Readings;
}
