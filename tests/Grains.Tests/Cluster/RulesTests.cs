using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using SensorGrid.Core.Rules;
using SensorGrid.Edge.Tests;
using SensorGrid.Grains.Rules;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Rules are read by each silo from its own file: that they differ is noticed by all.</summary>
[Collection(PostgresServer.Collection)]
public sealed class RulesTests(PostgresServer postgres)
{
    private static readonly RuleSet New = RuleSet.Parse("""{ "rules": [ { "limits": { "h": 50 } } ] }"""u8);

    [Fact]
    public async Task A_silo_of_other_rules_is_noticed_by_all_until_it_has_the_same()
    {
        await using var cluster = await GridCluster.StartAsync(await postgres.CreateDatabaseAsync(), 3);
        Assert.Equal("0 0 0", await OthersAsync(cluster));

        await UseAsync(cluster.Silos[1], New);
        Assert.Equal("1 2 1", await OthersAsync(cluster));
        // Once by each, but where it looked by itself at the same moment.
        var told = Count(cluster, LogLevel.Error, "Other rules");
        Assert.InRange(told, 3, 6);
        Assert.Equal("1 2 1", await OthersAsync(cluster));
        Assert.Equal(told, Count(cluster, LogLevel.Error, "Other rules"));
        Assert.Contains(
            cluster.Log.Lines, l => l.Text.Contains($"({New.Fingerprint} 1m 1h)", StringComparison.Ordinal) && l.Text.Contains(cluster.Silos[0].SiloAddress.ToParsableString(), StringComparison.Ordinal));

        await UseAsync(cluster.Silos[0], New);
        await UseAsync(cluster.Silos[2], New);
        Assert.Equal("0 0 0", await OthersAsync(cluster));
        Assert.InRange(Count(cluster, LogLevel.Information, "The same rules are in force on all silos"), 3, 6);
    }

    private static int Count(GridCluster cluster, LogLevel level, string text) => cluster.Log.Lines.Count(l => l.Level == level && l.Text.Contains(text, StringComparison.Ordinal));

    private static Task UseAsync(InProcessSiloHandle silo, RuleSet rules) => GridCluster.Services(silo).GetRequiredService<IRulesInForce>().UseAsync(rules);

    // Of each silo how many judge by other rules.
    private static async Task<string> OthersAsync(GridCluster cluster)
    {
        var watches = cluster.Silos.Select(s => GridCluster.Services(s).GetRequiredService<RulesWatch>()).ToArray();
        await Task.WhenAll(watches.Select(w => w.LookAsync(CancellationToken.None)));
        return string.Join(' ', watches.Select(w => w.Others.Count));
    }
}
