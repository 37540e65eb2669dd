using System.Globalization;

namespace SensorGrid.Cli;

/// <summary>Durations as a whole number and one of us, ms, s, m, h, d: <c>100ms</c>, <c>15m</c>.</summary>
internal static class DurationText
{
    public const string Form = "a whole number and one of us, ms, s, m, h, d, such as 100ms or 15m";

    private static readonly (string Unit, TimeSpan Size)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)), ("us", TimeSpan.FromMicroseconds(1)),
    ];

    /// <param name="duration">Above zero.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        foreach (var (unit, size) in Units)
        {
            if (text[digits..].SequenceEqual(unit) && number <= TimeSpan.MaxValue.Ticks / size.Ticks)
            {
                duration = number * size;
                return number > 0;
            }
        }
        return false;
    }

    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, size) in Units)
        {
            if (duration.Ticks % size.Ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / size.Ticks}{unit}");
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds} s");
    }
}
