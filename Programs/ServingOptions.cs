using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SensorGrid.Programs;

/// <summary>Options of the command lines of programs that serve.</summary>
internal static class ServingOptions
{
    public static Option<DirectoryInfo> Data() => new("--data")
    {
        Description = "The data folder",
        DefaultValueFactory = _ => new DirectoryInfo("data"),
    };

    public static Option<int?> Port() => Port("--port", "The port to serve on; else 8080");

    public static Option<int?> Port(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
            {
                return port;
            }

            return Wrong<int?>(result, $"{name} takes a number from 1 to 65535");
        },
    };

    public static Option<string?> Bind() => new("--bind") { Description = "The address to serve on; else 127.0.0.1" };

    public static Option<string?> Postgres() => new("--postgres") { Description = "Connection string of a Postgres of yours, in place of a private one" };

    public static Option<FileInfo?> SettingsFile() => new("--settings") { Description = $"The file of settings (JSON); {SettingsReader.FileName} in the data folder where there is one" };

    /// <summary>Settings by name; the last of one name counts.</summary>
    public static Option<KeyValuePair<string, string>[]> Settings() => new("--set")
    {
        Description = "A setting, NAME=VALUE; may be given several times",
        CustomParser = result =>
        {
            var given = new List<KeyValuePair<string, string>>();
            foreach (var token in result.Tokens)
            {
                if (token.Value.IndexOf('=') is > 0 and var at)
                {
                    given.Add(new(token.Value[..at], token.Value[(at + 1)..]));
                }
                else
                {
                    result.AddError("--set takes NAME=VALUE, such as CheckpointInterval=1m");
                }
            }
            return [.. given];
        },
    };

    /// <summary>Refuses an option's value.</summary>
    public static T? Wrong<T>(ArgumentResult result, string complaint)
    {
        result.AddError(complaint);
        return default;
    }
}
