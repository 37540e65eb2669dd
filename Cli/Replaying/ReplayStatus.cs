using System.Text.Json;
using System.Text.Json.Serialization;

namespace SensorGrid.Cli.Replaying;

/// <summary>A replay as the server tells it.</summary>
internal sealed record ReplayStatus(
    string Id, string State, double Percent, int Sensors, long Readings, double Seconds, string? Fault, ReplayOutcome? Result)
{
    public bool IsDone => State == "done";

    public double Rate => Seconds > 0 ? Readings / Seconds : 0;

    public TimeSpan? Left => Percent > 0 ? TimeSpan.FromSeconds(Seconds * (100 - Percent) / Percent) : null;

    public static ReplayStatus Parse(byte[] json) => JsonSerializer.Deserialize(json, ReplayStatusJson.Default.ReplayStatus)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReplayStatus))]
internal sealed partial class ReplayStatusJson : JsonSerializerContext;
