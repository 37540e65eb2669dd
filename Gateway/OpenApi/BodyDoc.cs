namespace SensorGrid.Gateway.OpenApi;

/// <param name="Types">Media types with an example of each.</param>
internal sealed record BodyDoc(string Meaning, params (string MediaType, string? Schema, string Example)[] Types);
