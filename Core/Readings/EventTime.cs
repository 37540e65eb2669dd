using System.Globalization;

namespace SensorGrid.Core.Readings;

/// <summary>Event times: microseconds since 1970-01-01 UTC in an int64.</summary>
public static class EventTime
{
    public const long Second = 1_000_000;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;

    /// <summary>The earliest time a reading may have: 1970-01-01T00:00:00Z.</summary>
    public const long Min = 0;

    /// <summary>The latest time a reading may have: the last whole microsecond of a signed 64-bit count of nanoseconds, in 2262.</summary>
    public const long Max = long.MaxValue / 1000;

    /// <summary>How far ahead of the wall clock a reading may lie before it is taken for a wrong clock.</summary>
    public const long MaxAhead = Day;

    public static long FromDateTime(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / 10;

    public static DateTime ToDateTime(long time) => new(DateTime.UnixEpoch.Ticks + (time * 10), DateTimeKind.Utc);

    /// <summary>RFC 3339 in UTC with six decimals: <c>2026-01-31T12:34:56.000001Z</c>.</summary>
    public static string Format(long time) => ToDateTime(time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
