using System.Text.Json.Serialization;

namespace SensorGrid.Cli.Remote;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServerAnswer))]
internal sealed partial class ServerAnswerJson : JsonSerializerContext;
