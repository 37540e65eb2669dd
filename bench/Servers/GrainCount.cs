using System.Text.Json;

namespace SensorGrid.Bench.Servers;

/// <summary>How many grains of a type are active on a silo.</summary>
/// <param name="Type">Without its namespace.</param>
/// <param name="SiloPort">That of the silo for other silos.</param>
internal sealed record GrainCount(string Type, int SiloPort, int Count)
{
    private const string OwnGrains = "SensorGrid.Grains.";

    /// <summary>SensorGrid's own grains among the counters of Orleans' dashboard.</summary>
    public static IReadOnlyList<GrainCount> Read(JsonElement counters) =>
    [
        .. from grains in counters.GetProperty("simpleGrainStats").EnumerateArray()
           let type = grains.GetProperty("grainType").GetString()!
           where type.StartsWith(OwnGrains, StringComparison.Ordinal)
           select new GrainCount(
               type[(type.LastIndexOf('.') + 1)..], PortOf(grains.GetProperty("siloAddress").GetString()!), grains.GetProperty("activationCount").GetInt32()),
    ];

    /// <summary>The port of a silo as Orleans writes its address: <c>10.0.0.7:11111@123456</c>.</summary>
    public static int PortOf(string siloAddress) => int.Parse(siloAddress.AsSpan(siloAddress.LastIndexOf(':') + 1, siloAddress.IndexOf('@') - siloAddress.LastIndexOf(':') - 1));
}
