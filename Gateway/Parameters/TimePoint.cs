using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Parameters;

/// <summary>Points in time as queries name them: RFC 3339, <c>now</c>, or so long before now: <c>-1h</c>.</summary>
internal static class TimePoint
{
    public const string Form = Rfc3339.Form + ", or now, or a time before now such as -1h";

    public static bool TryParse(ReadOnlySpan<char> text, long now, out long time)
    {
        if (text is "now")
        {
            time = now;
            return true;
        }
        if (text.StartsWith('-') && Duration.TryParse(text[1..], out long back))
        {
            time = now - back;
            return true;
        }
        return TryParseAbsolute(text, out time);
    }

    /// <summary>RFC 3339 with its zone. In a query string a plus sign stands for a space, and who forgets to write %2B means the plus.</summary>
    public static bool TryParseAbsolute(ReadOnlySpan<char> text, out long time)
    {
        const int zoneLength = 6;
        return text.Length > zoneLength && text[^zoneLength] == ' '
            ? Rfc3339.TryParse($"{text[..^zoneLength]}+{text[^(zoneLength - 1)..]}", zoneNeeded: true, out time)
            : Rfc3339.TryParse(text, zoneNeeded: true, out time);
    }
}
