using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SensorGrid.Deploy.Tests;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>What a silo tells of its grains: in its metrics, under the names of the documentation, and on Orleans' page.</summary>
[Collection(PostgresServer.Collection)]
public sealed partial class GrainCountTests(PostgresServer postgres) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sensorgrid-counts-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Metrics_and_dashboard_count_the_grains_of_sensors_and_machines()
    {
        using var silo = new GridSilo(_folder, await postgres.CreateDatabaseAsync());
        silo.Begin();
        await silo.ReadyAsync();
        var metrics = "";
        var second = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                using var lines = new StringContent($"v,factory=f,machine=m a={second},b=1,c=2 {1_769_860_800 + ++second}", Encoding.UTF8);
                (await silo.Http.PostAsync("write?precision=s", lines)).EnsureSuccessStatusCode();
                metrics = await silo.Http.GetStringAsync("metrics");
                return Seated().IsMatch(metrics) && !NoBatches().IsMatch(metrics);
            },
            "three sensors and their machine have grains, which are called");

        var exported = Exported().Matches(metrics).Select(m => $"| `{m.Groups[1].Value}` | {m.Groups[2].Value} ").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(4, exported.Length);
        var told = Repository.Read("docs", "operations.md").Split('\n').Where(l => l.StartsWith("| `sensorgrid_grains_", StringComparison.Ordinal) || l.StartsWith("| `sensorgrid_silos_", StringComparison.Ordinal));
        Assert.Equal(exported, told.Select(l => string.Join('|', l.Split('|')[..3])).Order(StringComparer.Ordinal));

        await Eventually.TrueAsync(
            async () =>
            {
                using var counters = JsonDocument.Parse(await silo.Http.GetStringAsync("dashboard/DashboardCounters"));
                var grains = counters.RootElement.GetProperty("simpleGrainStats").EnumerateArray()
                    .ToDictionary(g => g.GetProperty("grainType").GetString()!.Split('.')[^1], g => g.GetProperty("activationCount").GetInt32());
                return counters.RootElement.GetProperty("totalActiveHostCount").GetInt32() == 1
                    && (grains.GetValueOrDefault("SensorGrain"), grains.GetValueOrDefault("MachineGrain"), grains.GetValueOrDefault("LogPartitionGrain")) == (3, 1, 8);
            },
            "the dashboard counts them, and the partitions");
        silo.Signal(GridSilo.SigTerm);
        Assert.Equal(0, await silo.EndedAsync());
    }

    [GeneratedRegex("^# TYPE (sensorgrid_(?:grains|silos)_[a-z_]+) ([a-z]+)$", RegexOptions.Multiline)]
    private static partial Regex Exported();

    [GeneratedRegex("^sensorgrid_grains_seated 4$", RegexOptions.Multiline)]
    private static partial Regex Seated();

    [GeneratedRegex("^sensorgrid_grains_batches_total 0$", RegexOptions.Multiline)]
    private static partial Regex NoBatches();
}
