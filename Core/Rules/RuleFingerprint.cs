using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SensorGrid.Core.Rules;

/// <summary>Names rules by what they say, however the file is written, and by the built-in values, which may differ between versions of the program.</summary>
internal static class RuleFingerprint
{
    private const int Bytes = 8;

    public static string Of(IReadOnlyList<DetectorChange>? defaults, IEnumerable<Rule> rules)
    {
        var text = new StringBuilder();
        foreach (var schema in DetectorSchemas.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"{schema.Name} {schema.On} {string.Join(' ', schema.Defaults().Select(Text))}\n");
        }
        text.Append(defaults is null ? "built-in\n" : "defaults\n");
        Append(text, defaults ?? []);
        foreach (var rule in rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"rule {rule.Path.Factory}/{rule.Path.Machine}/{rule.Path.Sensor} {rule.Kind}\n");
            Append(text, rule.Changes);
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, Bytes));
    }

    private static void Append(StringBuilder text, IReadOnlyList<DetectorChange> changes)
    {
        foreach (var change in changes.OrderBy(c => c.Detector))
        {
            var schema = DetectorSchemas.All[change.Detector];
            var values = change.Values.OrderBy(v => v.Parameter).Select(v => $"{schema.Parameters[v.Parameter].Name}={Text(v.Value)}");
            text.Append(CultureInfo.InvariantCulture, $"{schema.Name} {change.On} {string.Join(' ', values)}\n");
        }
    }

    private static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "-";
}
