using System.IO.Enumeration;

namespace SensorGrid.Core.Catalog;

/// <summary>A path pattern <c>factory/machine/sensor</c>; <c>*</c> stands for any characters within a part, none included.</summary>
public sealed record PathPattern(string Factory, string Machine, string Sensor)
{
    public static readonly PathPattern Any = new("*", "*", "*");

    public bool Matches(string factory, string machine, string sensor) =>
        PartMatches(Factory, factory) && PartMatches(Machine, machine) && PartMatches(Sensor, sensor);

    public bool Matches(Sensor sensor) => Matches(sensor.Machine.Factory.Name, sensor.Machine.Name, sensor.Name);

    /// <summary>Whether it takes in all of a machine, and so the machine itself.</summary>
    public bool MatchesMachine(Machine machine) => Matches(machine.Factory.Name, machine.Name, "");

    public static bool PartMatches(string pattern, string part) =>
        pattern == "*" || FileSystemName.MatchesSimpleExpression(pattern, part, ignoreCase: false);

    /// <summary>Whether a pattern of one part could match anything.</summary>
    public static bool IsPart(string pattern)
    {
        var fixedPart = pattern.Replace("*", "", StringComparison.Ordinal);
        return pattern.Length is > 0 and <= 2 * PathPart.MaxLength && fixedPart.Length <= PathPart.MaxLength && PathPart.HasOnlyAllowed(fixedPart);
    }

    /// <summary>A pattern whose missing parts at the end stand for any: <c>f1</c> is all of the factory. Null where the text is no pattern.</summary>
    public static PathPattern? ParsePrefix(string text) => text.Count(c => c == '/') switch
    {
        0 => Parse($"{text}/*/*"),
        1 => Parse($"{text}/*"),
        _ => Parse(text),
    };

    /// <summary>Null where the text is no pattern.</summary>
    public static PathPattern? Parse(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 3 && Array.TrueForAll(parts, IsPart) ? new(parts[0], parts[1], parts[2]) : null;
    }
}
