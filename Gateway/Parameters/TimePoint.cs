using System.Globalization;

namespace SensorGrid.Gateway.Parameters;

/// <summary>Points in time as queries name them: RFC 3339, <c>now</c>, or so long before now: <c>-1h</c>.</summary>
internal static class TimePoint
{
    public const string Form = "RFC 3339 such as 2026-01-31T12:34:56.5Z, or now, or a time before now such as -1h";

    public const string AbsoluteForm = "RFC 3339 such as 2026-01-31T12:34:56.5Z";

    private const int SecondsEnd = 19;

    public static bool TryParse(ReadOnlySpan<char> text, long now, out long time)
    {
        if (text is "now")
        {
            time = now;
            return true;
        }
        if (text.StartsWith('-') && Duration.TryParse(text[1..], out var back))
        {
            time = now - back;
            return true;
        }
        return TryParseAbsolute(text, out time);
    }

    /// <summary>RFC 3339, 5.6, with any number of decimals, of which six count.</summary>
    public static bool TryParseAbsolute(ReadOnlySpan<char> text, out long time)
    {
        time = 0;
        if (text.Length <= SecondsEnd
            || text[10] is not ('T' or 't')
            || !DateTime.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            || !TimeOnly.TryParseExact(text[11..SecondsEnd], "HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock)
            || !TryParseFraction(text[SecondsEnd..], out var fraction, out var rest)
            || !TryParseOffset(text[rest..], out var offset))
        {
            return false;
        }
        time = ((date.Ticks - DateTime.UnixEpoch.Ticks + clock.Ticks) / 10) + fraction - offset;
        return true;
    }

    private static bool TryParseFraction(ReadOnlySpan<char> text, out long micros, out int rest)
    {
        micros = 0;
        rest = SecondsEnd;
        if (!text.StartsWith('.'))
        {
            return true;
        }
        var digits = text[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0)
        {
            return false;
        }
        for (var i = 1; i <= 6; i++)
        {
            micros = (micros * 10) + (i <= digits ? text[i] - '0' : 0);
        }
        rest += 1 + digits;
        return true;
    }

    // In a query string a plus sign stands for a space, and who forgets to write %2B means the plus.
    private static bool TryParseOffset(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        if (text is "Z" or "z")
        {
            return true;
        }
        if (text.Length != 6
            || text[0] is not ('+' or '-' or ' ')
            || !TimeOnly.TryParseExact(text[1..], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var offset))
        {
            return false;
        }
        micros = offset.Ticks / 10 * (text[0] == '-' ? -1 : 1);
        return true;
    }
}
