using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SensorGrid.Cli.Remote;
using SensorGrid.Cli.Settings;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Commands;

/// <summary>Options that several commands take.</summary>
internal static class CommonOptions
{
    public static Option<DirectoryInfo> Data() => new("--data")
    {
        Description = "The data folder",
        DefaultValueFactory = _ => new DirectoryInfo("data"),
    };

    public static Option<int?> Port() => new("--port")
    {
        Description = "The port to serve on; else 8080",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
            {
                return port;
            }

            return Wrong<int?>(result, "--port takes a number from 1 to 65535");
        },
    };

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

    public static Option<Uri> Url() => new("--url")
    {
        Description = "The server's address",
        DefaultValueFactory = _ => RemoteServer.DefaultAddress,
        CustomParser = result =>
            Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : Wrong<Uri>(result, $"--url takes an address such as {RemoteServer.DefaultAddress}"),
    };

    /// <summary>A part of a path: factory, machine or sensor.</summary>
    public static Option<string?> Part(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => PathPart.IsValid(result.Tokens[0].Value) ? result.Tokens[0].Value
            : Wrong<string>(result, $"{name} takes 1 to {PathPart.MaxLength} characters of A-Z a-z 0-9 . _ : -"),
    };

    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => Core.Readings.Duration.TryParse(result.Tokens[0].Value, out TimeSpan duration) && duration > TimeSpan.Zero ? duration
            : Wrong<TimeSpan?>(result, $"{name} takes {Core.Readings.Duration.Form}"),
    };

    /// <summary>A whole number.</summary>
    public static Option<int?> Number(string name, string description, int min, int max) => new(name)
    {
        Description = description,
        CustomParser = result =>
            int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? number
                : Wrong<int?>(result, string.Create(CultureInfo.InvariantCulture, $"{name} takes a whole number from {min} to {max}")),
    };

    /// <summary>A point in time, UTC where it names no zone; the value is RFC 3339.</summary>
    /// <param name="relative">Whether it may be relative to now as well: <c>now</c>, <c>-1h</c>.</param>
    public static Option<string?> Time(string name, string description, bool relative) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (relative && (text == "now" || (text.StartsWith('-') && Core.Readings.Duration.TryParse(text.AsSpan(1), out long _))))
            {
                return text;
            }
            return Rfc3339.TryParse(text, zoneNeeded: false, out var time)
                ? EventTime.Format(time)
                : Wrong<string>(result, $"{name} takes a time such as 2026-01-31T12:34:56Z{(relative ? ", now or -1h" : "")}");
        },
    };

    public static Option<string?> Choice(string name, string description, params string[] choices) => new(name)
    {
        Description = $"{string.Join(", ", choices[..^1])} or {choices[^1]}: {description}",
        CustomParser = result => choices.Contains(result.Tokens[0].Value) ? result.Tokens[0].Value
            : Wrong<string>(result, $"{name} takes one of {string.Join(", ", choices)}"),
    };

    private static T? Wrong<T>(ArgumentResult result, string complaint)
    {
        result.AddError(complaint);
        return default;
    }
}
