using SensorGrid.Bench.Ingest;
using SensorGrid.Bench.Latency;

namespace SensorGrid.Bench.Cluster;

/// <param name="Ingest">One silo against the embedded host; its rounds, lines and seed are those of the other parts, too.</param>
/// <param name="Memory">Sensors of which the memory is looked at.</param>
/// <param name="MemoryReadings">Readings of each sensor after which that is done.</param>
/// <param name="Kills">Rounds of SIGKILL, and of SIGSTOP.</param>
/// <param name="Load">Before each.</param>
/// <param name="Silo">The command line that runs a silo.</param>
internal sealed record ClusterOptions(
    IngestOptions Ingest, LatencyOptions Latency, int Memory, IReadOnlyList<int> MemoryReadings, int Kills, TimeSpan Load, IReadOnlyList<string> Silo)
{
    public int Sensors => Ingest.Sensors[0];
}
