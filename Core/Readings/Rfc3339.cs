using System.Text;

namespace SensorGrid.Core.Readings;

/// <summary>Times as RFC 3339 (5.6) writes them, to microseconds since 1970-01-01 UTC; digits below a microsecond are cut off.</summary>
public static class Rfc3339
{
    public const string Form = "RFC 3339 such as 2026-01-31T12:34:56.5Z";

    private const int MaxLength = 64;

    /// <summary>
    /// RFC 3339 with <c>T</c>, <c>t</c> or a blank between date and time. Where <paramref name="zoneNeeded"/> is false the zone, the
    /// fraction, the seconds and the time of day may be absent, and a time without a zone is UTC.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, bool zoneNeeded, out long time)
    {
        time = 0;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-' || !TryDigits(text[..4], out var year)
            || !TryDigits(text.Slice(5, 2), out var month) || !TryDigits(text.Slice(8, 2), out var day)
            || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }
        time = (new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        var rest = text[10..];
        if (rest.Length == 0)
        {
            return !zoneNeeded;
        }
        return rest[0] is (byte)'T' or (byte)'t' or (byte)' '
            && TryTimeOfDay(rest[1..], zoneNeeded, out var used, ref time)
            && TryZone(rest[(1 + used)..], zoneNeeded, ref time);
    }

    public static bool TryParse(ReadOnlySpan<char> text, bool zoneNeeded, out long time)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        time = 0;
        return Encoding.UTF8.TryGetBytes(text, bytes, out var length) && TryParse(bytes[..length], zoneNeeded, out time);
    }

    /// <summary>The first digits of a fraction as a whole number, <paramref name="wanted"/> of them; further ones are only skipped.</summary>
    /// <param name="used">All digits, at least one.</param>
    public static bool TryFraction(ReadOnlySpan<byte> text, int wanted, out int used, out long value)
    {
        value = 0;
        for (used = 0; used < text.Length && text[used] is >= (byte)'0' and <= (byte)'9'; used++)
        {
            value = used < wanted ? (value * 10) + text[used] - '0' : value;
        }
        for (var i = used; i < wanted; i++)
        {
            value *= 10;
        }
        return used > 0;
    }

    private static bool TryTimeOfDay(ReadOnlySpan<byte> text, bool secondsNeeded, out int used, ref long time)
    {
        used = 5;
        if (text.Length < 5 || text[2] != ':' || !TryDigits(text[..2], out var hour) || !TryDigits(text.Slice(3, 2), out var minute)
            || hour > 23 || minute > 59)
        {
            return false;
        }
        time += (hour * EventTime.Hour) + (minute * EventTime.Minute);
        if (text.Length == 5 || text[5] != ':')
        {
            return !secondsNeeded;
        }
        used = 8;
        if (text.Length < 8 || !TryDigits(text.Slice(6, 2), out var second) || second > 59)
        {
            return false;
        }
        time += second * EventTime.Second;
        if (text.Length == 8 || text[8] != '.')
        {
            return true;
        }
        var valid = TryFraction(text[9..], 6, out var digits, out var fraction);
        used = 9 + digits;
        time += fraction;
        return valid;
    }

    private static bool TryZone(ReadOnlySpan<byte> text, bool zoneNeeded, ref long time)
    {
        if (text.Length == 0)
        {
            return !zoneNeeded;
        }
        if (text.Length == 1)
        {
            return text[0] is (byte)'Z' or (byte)'z';
        }
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !TryDigits(text.Slice(1, 2), out var hours) || !TryDigits(text.Slice(4, 2), out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }
        var offset = (hours * EventTime.Hour) + (minutes * EventTime.Minute);
        time += text[0] == '+' ? -offset : offset;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var b in text)
        {
            if (b is < (byte)'0' or > (byte)'9')
            {
                return false;
            }
            value = (value * 10) + b - '0';
        }
        return true;
    }
}
