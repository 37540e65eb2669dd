using System.Globalization;

namespace SensorGrid.Programs;

/// <summary>Sizes as a whole number of bytes, or of KiB, MiB, GiB: <c>64MiB</c>.</summary>
internal static class ByteSize
{
    public const string Form = "a whole number of bytes, or of KiB, MiB or GiB, such as 64MiB";

    private static readonly (string Unit, long Bytes)[] Units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];

    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        foreach (var (unit, size) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                var isNumber = long.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / size;
                bytes = isNumber ? number * size : 0;
                return isNumber;
            }
        }
        return false;
    }

    public static string Format(long bytes)
    {
        var (unit, size) = Array.Find(Units, u => bytes % u.Bytes == 0 && bytes >= u.Bytes);
        return size == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
    }
}
