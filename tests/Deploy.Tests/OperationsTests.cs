using System.Text.RegularExpressions;

namespace SensorGrid.Deploy.Tests;

/// <summary>docs/operations.md against the program.</summary>
public sealed partial class OperationsTests
{
    [Fact]
    public async Task The_table_of_metrics_has_what_is_exported()
    {
        var told = new SortedDictionary<string, string>(
            // Those of grains and of other silos a silo alone has.
            MetricRow().Matches(Repository.Read("docs", "operations.md")).Where(m => !OfSilos().IsMatch(m.Groups[1].Value)).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value), StringComparer.Ordinal);
        var exported = await ExportedMetrics.ReadAsync();
        Assert.Equal(exported, told);
        Assert.Contains("sensorgrid_readings_accepted_total", exported.Keys);
        Assert.Contains("sensorgrid_gateway_requests_total", exported.Keys);
        Assert.Contains("process_cpu_seconds_total", exported.Keys);
    }

    [GeneratedRegex("^sensorgrid_(grains|silos)_")]
    private static partial Regex OfSilos();

    // A row of name, type and a meaning that is not empty.
    [GeneratedRegex(@"^\| `([a-z0-9_]+)` \| (counter|gauge|histogram) \| \S.* \|$", RegexOptions.Multiline)]
    private static partial Regex MetricRow();
}
