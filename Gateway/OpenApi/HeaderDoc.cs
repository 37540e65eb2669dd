using Microsoft.OpenApi;

namespace SensorGrid.Gateway.OpenApi;

internal sealed record HeaderDoc(string Name, string Meaning, JsonSchemaType Type, string? Format = null);
