using System.Text.Json;
using SensorGrid.Core.Rules;

namespace SensorGrid.Cli.Replaying;

/// <summary>The replay that is asked of the server.</summary>
/// <param name="From">RFC 3339, <c>now</c> or such as <c>-1h</c>.</param>
/// <param name="Rules">A file; null for the rules in force.</param>
internal sealed record ReplayOrder(string Path, string From, string To, string? Window, string? Rules)
{
    /// <summary>The body of the request. The rules go into it as they are, comments and all.</summary>
    /// <exception cref="CommandException">The rules cannot be read or have errors; it lists them all.</exception>
    public byte[] ToJson()
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("path", Path);
            json.WriteString("from", From);
            json.WriteString("to", To);
            json.WriteString("window", Window);
            json.WriteEndObject();
        }
        if (Rules is not null)
        {
            var rules = ReadRules(Rules);
            body.Position--;
            body.Write(",\"rules\":"u8);
            body.Write(rules);
            // The file may end in a comment.
            body.Write("\n}"u8);
        }
        return body.ToArray();
    }

    private static ReadOnlySpan<byte> ReadRules(string file)
    {
        try
        {
            ReadOnlySpan<byte> rules = File.ReadAllBytes(file);
            rules = rules.StartsWith("\uFEFF"u8) ? rules["\uFEFF"u8.Length..] : rules;
            RuleSet.Parse(rules);
            return rules;
        }
        catch (InvalidRulesException invalid)
        {
            throw new CommandException($"{file} has errors: {string.Join("; ", invalid.Errors)}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read {file}: {fault.Message.TrimEnd('.')}");
        }
    }
}
