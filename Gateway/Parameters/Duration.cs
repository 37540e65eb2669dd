using System.Globalization;

namespace SensorGrid.Gateway.Parameters;

/// <summary>Durations as a number and a unit: <c>100ms</c>, <c>10s</c>, <c>15m</c>, <c>1h</c>, <c>1d</c>.</summary>
internal static class Duration
{
    public const string Form = "a whole number and one of us, ms, s, m, h, d, such as 100ms or 15m";

    private static readonly (string Unit, long Micros)[] Units =
        [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];

    /// <summary>The shortest way to write a duration, given in microseconds.</summary>
    public static string Format(long micros)
    {
        foreach (var (unit, size) in Units)
        {
            if (micros % size == 0 && (micros != 0 || size == 1))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{micros / size}{unit}");
            }
        }
        throw new ArgumentOutOfRangeException(nameof(micros), micros, null);
    }

    /// <param name="micros">Above 0.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        foreach (var (unit, size) in Units)
        {
            if (text[digits..].SequenceEqual(unit))
            {
                micros = number <= long.MaxValue / 4 / size ? number * size : 0;
                return micros > 0;
            }
        }
        return false;
    }
}
