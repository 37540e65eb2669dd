using System.Globalization;

namespace SensorGrid.Bench.Servers;

/// <summary>One silo.</summary>
/// <param name="program">The command line that runs the silo's program; its options follow.</param>
/// <param name="postgres">A connection string, of the Postgres that several silos share; null for a private one of its own.</param>
internal sealed class SiloServer(string folder, IReadOnlyList<string> program, string? rulesFile = null, string? postgres = null, string name = "One silo")
    : SensorGridServer(folder, program, rulesFile, postgres, name)
{
    private readonly IReadOnlyList<string> _program = program;
    private readonly string? _rulesFile = rulesFile;
    private readonly string? _postgres = postgres;

    /// <summary>The port for the other silos, since the last start.</summary>
    public int SiloPort { get; private set; }

    /// <summary>How many grains of each type every silo of its cluster has, as Orleans' dashboard says.</summary>
    public async Task<IReadOnlyList<GrainCount>> GrainsAsync(CancellationToken cancellation)
    {
        using var counters = await JsonAsync("/dashboard/DashboardCounters", cancellation);
        return GrainCount.Read(counters.RootElement);
    }

    protected override IReadOnlyList<string> Command()
    {
        SiloPort = FreePort();
        string[] command =
        [
            .. _program, "--data", DataFolder, "--port", Port.ToString(CultureInfo.InvariantCulture), "--silo-port", SiloPort.ToString(CultureInfo.InvariantCulture),
        ];
        command = _rulesFile is null ? command : [.. command, "--rules", _rulesFile];
        return _postgres is null ? command : [.. command, "--postgres", _postgres];
    }
}
