using System.Globalization;
using System.Text.Json;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Rules;

/// <summary>Reads one parameter's value.</summary>
internal static class ParameterReader
{
    /// <summary>The value as a double (null where the file says null), or what is wrong with it.</summary>
    public static (double? Value, string? Error) Read(Parameter parameter, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return (null, null);
        }
        var value = parameter.Type switch
        {
            ParameterType.Number => Number(json),
            ParameterType.Whole => Number(json) is { } number && number == Math.Floor(number) ? number : null,
            ParameterType.Duration => json.ValueKind == JsonValueKind.String ? Microseconds(json.GetString()) : null,
            ParameterType.Severity => json.ValueKind == JsonValueKind.String ? Level(json.GetString()!) : null,
            _ => json.ValueKind switch { JsonValueKind.True => 1, JsonValueKind.False => 0, _ => null },
        };
        if (value is null)
        {
            return (null, Wanted(parameter.Type));
        }
        return value < parameter.Min || value > parameter.Max ? (null, Range(parameter)) : (value, null);
    }

    private static double? Number(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static double? Microseconds(string? text) => Duration.TryParse(text, out long micros) ? micros : null;

    private static double? Level(string text) =>
        Enum.GetNames<Severity>().FirstOrDefault(name => name.ToLowerInvariant() == text) is { } name ? (double)Enum.Parse<Severity>(name) : null;

    private static string Wanted(ParameterType type) => type switch
    {
        ParameterType.Number => "must be a number",
        ParameterType.Whole => "must be a whole number",
        ParameterType.Duration => "must be a duration such as \"10s\" (units us, ms, s, m, h, d)",
        ParameterType.Severity => "must be \"info\", \"warning\", \"alarm\" or \"critical\"",
        _ => "must be true or false",
    };

    private static string Range(Parameter parameter)
    {
        if (parameter.Type == ParameterType.Duration)
        {
            return $"must be from {Duration.Format((long)parameter.Min)} to {Duration.Format((long)parameter.Max)}";
        }
        if (parameter.Max == double.MaxValue)
        {
            return parameter.Min > 0 ? "must be greater than 0" : "must not be negative";
        }
        return string.Create(CultureInfo.InvariantCulture, $"must be from {parameter.Min} to {parameter.Max}");
    }
}
