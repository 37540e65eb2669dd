using System.Text.RegularExpressions;
using SensorGrid.Engine;
using SensorGrid.Gateway.Tests;

namespace SensorGrid.Deploy.Tests;

/// <summary>All metrics that a program which serves exports: of the Gateway, the engine and the process.</summary>
internal static partial class ExportedMetrics
{
    /// <returns>Type by name, as <c>/metrics</c> gives them.</returns>
    public static async Task<SortedDictionary<string, string>> ReadAsync()
    {
        using var engine = new GridMetrics();
        engine.Observe(() => 0, () => 0, () => 0, () => 0, () => 0);
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync("/metrics");
        return new(TypeLine().Matches(text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value), StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
