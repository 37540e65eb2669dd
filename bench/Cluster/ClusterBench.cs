using SensorGrid.Bench.Ingest;
using SensorGrid.Bench.Latency;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Cluster;

/// <summary>What a cluster costs and does, part by part, each on silos of its own.</summary>
internal sealed class ClusterBench(ClusterOptions options, WorkFolder folder, Report report)
{
    public const string Edge = "edge";
    public const string Latency = "latency";
    public const string Silos = "silos";
    public const string Memory = "memory";
    public const string Kill = "kill";
    public const string Freeze = "freeze";

    /// <summary>All, in their order.</summary>
    public static readonly IReadOnlyList<string> Parts = [Edge, Latency, Silos, Memory, Kill, Freeze];

    public async Task RunAsync(IReadOnlyCollection<string> parts, CancellationToken cancellation)
    {
        foreach (var part in Parts.Where(parts.Contains))
        {
            await (part switch
            {
                Edge => new IngestBench(options.Ingest, folder, report).RunAsync(cancellation),
                Latency => new LatencyBench(options.Latency, folder, report).RunAsync(cancellation),
                Silos => new SilosBench(options, folder, report).RunAsync(cancellation),
                Memory => new MemoryBench(options, folder, report).RunAsync(cancellation),
                _ => new KillBench(options, part == Freeze, folder, report).RunAsync(cancellation),
            });
        }
    }
}
