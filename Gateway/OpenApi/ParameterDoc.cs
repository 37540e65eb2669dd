using Microsoft.OpenApi;

namespace SensorGrid.Gateway.OpenApi;

/// <param name="Allowed">All values, where they can be listed.</param>
internal sealed record ParameterDoc(string Name, string Meaning, JsonSchemaType Type = JsonSchemaType.String, string[]? Allowed = null);
