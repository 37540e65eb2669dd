using System.Globalization;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Rules;

/// <summary>Durations as people write them: a number and one of ms, s, min, h, d, such as <c>500ms</c> or <c>1.5h</c>.</summary>
internal static class DurationText
{
    private static readonly (string Unit, long Microseconds)[] Units =
        [("ms", 1_000), ("min", EventTime.Minute), ("s", EventTime.Second), ("h", EventTime.Hour), ("d", EventTime.Day)];

    /// <summary>Microseconds, rounded; null where the text is no duration.</summary>
    public static double? Parse(ReadOnlySpan<char> text)
    {
        foreach (var (unit, microseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                var isNumber = double.TryParse(text[..^unit.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
                return isNumber ? Math.Round(number * microseconds) : null;
            }
        }
        return null;
    }

    public static string Format(double microseconds)
    {
        foreach (var (unit, size) in Units.OrderByDescending(unit => unit.Microseconds))
        {
            if (microseconds >= size)
            {
                return (microseconds / size).ToString("0.###", CultureInfo.InvariantCulture) + unit;
            }
        }
        return microseconds.ToString("0", CultureInfo.InvariantCulture) + " microseconds";
    }
}
