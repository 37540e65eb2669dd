using System.Text.Json;
using System.Text.Unicode;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Rules;

/// <summary>Reads a rules file and collects every error in it.</summary>
internal sealed class RuleReader
{
    private const int MostRules = 10_000;

    private readonly List<RuleError> _errors = [];

    public IReadOnlyList<RuleError> Errors => _errors;

    /// <summary>The defaults (null: the built-in ones) and the rules; of use only without errors.</summary>
    public (IReadOnlyList<DetectorChange>? Defaults, List<Rule> Rules) Read(ReadOnlySpan<byte> json)
    {
        IReadOnlyList<DetectorChange>? defaults = null;
        var rules = new List<Rule>();
        using var document = ReadDocument(json);
        if (document is null)
        {
            return (defaults, rules);
        }
        foreach (var (name, value) in Members(document.RootElement, "", "must be an object with \"defaults\" and \"rules\""))
        {
            switch (name)
            {
                case "defaults":
                    defaults = [.. Members(value, "defaults", "must be an object of detectors").Select(x => Change("defaults", x.Name, x.Value)).OfType<DetectorChange>()];
                    break;
                case "rules":
                    ReadRules(value, rules);
                    break;
                default:
                    Error(name, NearestName.Unknown("section", name, ["defaults", "rules"]));
                    break;
            }
        }
        return (defaults, rules);
    }

    private JsonDocument? ReadDocument(ReadOnlySpan<byte> json)
    {
        json = json.StartsWith("\uFEFF"u8) ? json[3..] : json;
        if (!Utf8.IsValid(json))
        {
            Error("file", "is not UTF-8");
            return null;
        }
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var document = JsonDocument.ParseValue(ref reader);
            // Anything but blanks and comments after the value throws here.
            reader.Read();
            return document;
        }
        catch (JsonException e)
        {
            Error($"line {e.LineNumber + 1}", $"not JSON: {e.Message}");
            return null;
        }
    }

    private void ReadRules(JsonElement json, List<Rule> rules)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            Error("rules", "must be a list of rules");
            return;
        }
        if (json.GetArrayLength() > MostRules)
        {
            Error("rules", $"must not be more than {MostRules}");
            return;
        }
        foreach (var rule in json.EnumerateArray())
        {
            rules.Add(ReadRule($"rules[{rules.Count}]", rule));
        }
    }

    private Rule ReadRule(string at, JsonElement json)
    {
        var path = PathPattern.Any;
        var kind = "*";
        var changes = new List<DetectorChange>();
        foreach (var (name, value) in Members(json, at, "must be an object"))
        {
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            if (name == "path")
            {
                path = PathPattern.Parse(text) ?? Error($"{at}.path", "must be factory/machine/sensor of A-Z a-z 0-9 . _ : - and *", path);
            }
            else if (name == "kind")
            {
                kind = PathPattern.IsPart(text) ? text : Error($"{at}.kind", "must be a name of A-Z a-z 0-9 . _ : - and *", kind);
            }
            else if (Change(at, name, value) is { } change)
            {
                changes.Add(change);
            }
        }
        return new Rule(path, kind, changes);
    }

    private DetectorChange? Change(string at, string name, JsonElement json)
    {
        var detector = Array.FindIndex(DetectorSchemas.All, schema => schema.Name == name);
        if (detector < 0)
        {
            IEnumerable<string> known = DetectorSchemas.All.Select(schema => schema.Name);
            return Error<DetectorChange?>($"{at}.{name}", NearestName.Unknown("detector", name, at == "defaults" ? known : known.Concat(["path", "kind"])), null);
        }
        if (json.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return new DetectorChange(detector, json.GetBoolean(), []);
        }
        var values = Values($"{at}.{name}", DetectorSchemas.All[detector].Parameters, json);
        return new DetectorChange(detector, On: true, values);
    }

    private List<(int Parameter, double? Value)> Values(string at, Parameter[] parameters, JsonElement json)
    {
        var values = new List<(int, double?)>();
        foreach (var (name, element) in Members(json, at, "must be true, false or an object of parameters"))
        {
            var index = Array.FindIndex(parameters, parameter => parameter.Name == name);
            if (index < 0)
            {
                Error($"{at}.{name}", NearestName.Unknown("parameter", name, parameters.Select(parameter => parameter.Name)));
                continue;
            }
            var (value, error) = ParameterReader.Read(parameters[index], element);
            if (error is not null)
            {
                Error($"{at}.{name}", error);
                continue;
            }
            values.Add((index, value));
        }
        CheckOrder(at, parameters, values);
        return values;
    }

    /// <summary>Parameters that belong together (the four limits) stand in rising order.</summary>
    private void CheckOrder(string at, Parameter[] parameters, List<(int Parameter, double? Value)> values)
    {
        (int Parameter, double? Value)? lower = null;
        foreach (var value in values.Where(x => parameters[x.Parameter].Together && x.Value is not null).OrderBy(x => x.Parameter))
        {
            if (lower is { } below && value.Value <= below.Value)
            {
                Error($"{at}.{parameters[value.Parameter].Name}", $"must be greater than {parameters[below.Parameter].Name}");
            }
            lower = value;
        }
    }

    private List<(string Name, JsonElement Value)> Members(JsonElement json, string at, string wanted)
    {
        var members = new List<(string, JsonElement)>();
        if (json.ValueKind != JsonValueKind.Object)
        {
            Error(at.Length > 0 ? at : "file", wanted);
            return members;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (names.Add(member.Name))
            {
                members.Add((member.Name, member.Value));
            }
            else
            {
                Error(at.Length > 0 ? $"{at}.{member.Name}" : member.Name, "is given twice");
            }
        }
        return members;
    }

    private void Error(string path, string message) => _errors.Add(new RuleError(path, message));

    private T Error<T>(string path, string message, T instead)
    {
        Error(path, message);
        return instead;
    }
}
