using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Text;

/// <summary>Times in UTF-8, to microseconds since 1970-01-01 UTC; digits below a microsecond are cut off.</summary>
internal static class TimeText
{
    public const string OutOfRange = "the time lies outside 1970-01-01 to 2262-04-11";
    public const string TooFarAhead = "the time is more than a day ahead of the clock";

    /// <summary>
    /// A count of a unit since 1970-01-01 UTC, decimals allowed. Without a unit it is told from the size: below 10^11 seconds, below
    /// 10^14 milliseconds, below 10^17 microseconds, else nanoseconds.
    /// </summary>
    public static bool TryParseEpoch(ReadOnlySpan<byte> text, TimePrecision? precision, out long time)
    {
        time = 0;
        if (!NumberText.TryReadUInt64(text, out var count, out var length))
        {
            return false;
        }
        var unit = precision ?? count switch
        {
            < 100_000_000_000 => TimePrecision.Seconds,
            < 100_000_000_000_000 => TimePrecision.Milliseconds,
            < 100_000_000_000_000_000 => TimePrecision.Microseconds,
            _ => TimePrecision.Nanoseconds,
        };
        long fraction = 0;
        if (length < text.Length)
        {
            var decimals = unit switch { TimePrecision.Seconds => 6, TimePrecision.Milliseconds => 3, _ => 0 };
            if (text[length] != '.' || !Rfc3339.TryFraction(text[(length + 1)..], decimals, out var used, out fraction)
                || length + 1 + used != text.Length)
            {
                return false;
            }
        }
        // A count that passes an int64 is a time all the same, only out of every range.
        time = unit.TryToMicroseconds(count, out var whole) && whole <= EventTime.Max ? whole + fraction : long.MaxValue;
        return true;
    }
}
