using System.Globalization;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Programs;

/// <summary>How the values of a setting are written.</summary>
/// <param name="Name">As the table of settings calls it.</param>
/// <param name="Rule">What a value must be.</param>
/// <param name="Read">The value as the configuration binder takes it; null where the text is none.</param>
/// <param name="Write">A value as a user would write it.</param>
internal sealed record SettingForm(string Name, string Rule, Func<string, string?> Read, Func<object, string> Write)
{
    /// <summary>Of a setting that may be off.</summary>
    public const string Off = "off";

    private static readonly SettingForm Text = new("text", "text", text => text, value => (string)value);

    private static readonly SettingForm Number = new(
        "number", "a whole number", text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : null, Invariant);

    private static readonly SettingForm Size = new(
        "size", ByteSize.Form, text => ByteSize.TryParse(text, out var bytes) ? Invariant(bytes) : null,
        value => ByteSize.Format(Convert.ToInt64(value, CultureInfo.InvariantCulture)));

    private static readonly SettingForm Time = new("duration", Duration.Form, ReadDuration, value => Duration.Format((TimeSpan)value));

    private static readonly SettingForm TimeOrOff = Time with
    {
        Name = $"duration, {Off}",
        Rule = $"{Off}, or {Duration.Form}",
        Read = text => text == Off ? "" : ReadDuration(text),
    };

    private static readonly SettingForm Times = new(
        "durations", $"durations, each {Duration.Form}, with blanks or commas between", ReadDurations,
        value => value is WindowSizes sizes ? string.Join(' ', Enumerable.Range(0, sizes.Count).Select(l => Duration.Format(sizes[l]))) : "");

    /// <summary>Null where settings of the type are several: a record of its own.</summary>
    public static SettingForm? Of(string name, Type type) =>
        type == typeof(string) ? Text
        : type == typeof(int) ? Up(SizeOrNumber(name), int.MaxValue)
        : type == typeof(long) ? Up(SizeOrNumber(name), long.MaxValue)
        : type == typeof(TimeSpan) ? Time
        : type == typeof(TimeSpan?) ? TimeOrOff
        : type == typeof(WindowSizes) ? Times
        : null;

    private static SettingForm SizeOrNumber(string name) => name.EndsWith("Bytes", StringComparison.Ordinal) ? Size : Number;

    private static SettingForm Up(SettingForm form, long max) => form with
    {
        Rule = $"{form.Rule}, up to {max}",
        Read = text => form.Read(text) is { } read && long.Parse(read, CultureInfo.InvariantCulture) <= max ? read : null,
    };

    private static string? ReadDuration(string text) =>
        Duration.TryParse(text, out TimeSpan duration) ? duration.ToString("c", CultureInfo.InvariantCulture) : null;

    private static string? ReadDurations(string text)
    {
        var read = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(ReadDuration).ToArray();
        return read.Length == 0 || read.Contains(null) ? null : string.Join(' ', read);
    }

    private static string Invariant(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
