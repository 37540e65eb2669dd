using System.Globalization;
using System.Text.Json;

namespace SensorGrid.Gateway.Tests;

/// <summary>The schemas of the served OpenAPI document; as much of JSON Schema as they use.</summary>
internal sealed class OpenApiSchemas(JsonElement document)
{
    public static async Task<OpenApiSchemas> LoadAsync(TestGateway gateway) =>
        new(JsonDocument.Parse((await gateway.GetAsync("/openapi/v1.json")).Text).RootElement);

    /// <summary>Checks that JSON has the schema's form, with every required name and no name besides those documented.</summary>
    public void AssertMatches(string schema, string json) =>
        Check(document.GetProperty("components").GetProperty("schemas").GetProperty(schema), JsonDocument.Parse(json).RootElement, schema);

    private void Check(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            Check(document.GetProperty("components").GetProperty("schemas").GetProperty(name), value, at);
            return;
        }
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            Check(choices.EnumerateArray().Single(choice => IsNull(choice) == (value.ValueKind == JsonValueKind.Null)), value, at);
            return;
        }
        Assert.True(Types(schema).Contains(TypeOf(value)), $"{at} is {value.GetRawText()}, which is none of {string.Join(", ", Types(schema))}");
        CheckText(schema, value, at);
        CheckObject(schema, value, at);
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Check(schema.GetProperty("items"), item, at + "[]");
            }
        }
    }

    private static void CheckText(JsonElement schema, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return;
        }
        var text = value.GetString()!;
        if (schema.TryGetProperty("enum", out var words))
        {
            Assert.True(words.EnumerateArray().Any(word => word.GetString() == text), $"{at} is '{text}', which is not in the list");
        }
        if (schema.TryGetProperty("format", out var format) && format.GetString() == "date-time")
        {
            DateTime.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        }
    }

    private void CheckObject(JsonElement schema, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        if (schema.TryGetProperty("required", out var required))
        {
            Assert.All(required.EnumerateArray(), name => Assert.True(value.TryGetProperty(name.GetString()!, out _), $"{at} lacks {name}"));
        }
        foreach (var property in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var properties))
            {
                Assert.True(properties.TryGetProperty(property.Name, out var known), $"{at} has {property.Name}, which is not documented");
                Check(known, property.Value, $"{at}.{property.Name}");
            }
            else
            {
                Check(schema.GetProperty("additionalProperties"), property.Value, $"{at}.{property.Name}");
            }
        }
    }

    private static bool IsNull(JsonElement schema) => schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "null";

    private static IReadOnlyList<string> Types(JsonElement schema)
    {
        var type = schema.GetProperty("type");
        string[] types = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString()!)] : [type.GetString()!];
        return types.Contains("number") ? [.. types, "integer"] : types;
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
