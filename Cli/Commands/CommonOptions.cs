using System.CommandLine;
using System.Globalization;
using SensorGrid.Cli.Remote;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Commands;

/// <summary>Options that several commands take.</summary>
internal static class CommonOptions
{
    public static Option<Uri> Url() => new("--url")
    {
        Description = "The server's address",
        DefaultValueFactory = _ => RemoteServer.DefaultAddress,
        CustomParser = result =>
            Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : ServingOptions.Wrong<Uri>(result, $"--url takes an address such as {RemoteServer.DefaultAddress}"),
    };

    /// <summary>A part of a path: factory, machine or sensor.</summary>
    public static Option<string?> Part(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => PathPart.IsValid(result.Tokens[0].Value) ? result.Tokens[0].Value
            : ServingOptions.Wrong<string>(result, $"{name} takes 1 to {PathPart.MaxLength} characters of A-Z a-z 0-9 . _ : -"),
    };

    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => Core.Readings.Duration.TryParse(result.Tokens[0].Value, out TimeSpan duration) && duration > TimeSpan.Zero ? duration
            : ServingOptions.Wrong<TimeSpan?>(result, $"{name} takes {Core.Readings.Duration.Form}"),
    };

    /// <summary>A whole number.</summary>
    public static Option<int?> Number(string name, string description, int min, int max) => new(name)
    {
        Description = description,
        CustomParser = result =>
            int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? number
                : ServingOptions.Wrong<int?>(result, string.Create(CultureInfo.InvariantCulture, $"{name} takes a whole number from {min} to {max}")),
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
                : ServingOptions.Wrong<string>(result, $"{name} takes a time such as 2026-01-31T12:34:56Z{(relative ? ", now or -1h" : "")}");
        },
    };

    public static Option<string?> Choice(string name, string description, params string[] choices) => new(name)
    {
        Description = $"{string.Join(", ", choices[..^1])} or {choices[^1]}: {description}",
        CustomParser = result => choices.Contains(result.Tokens[0].Value) ? result.Tokens[0].Value
            : ServingOptions.Wrong<string>(result, $"{name} takes one of {string.Join(", ", choices)}"),
    };
}
