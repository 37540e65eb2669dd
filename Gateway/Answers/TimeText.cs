using System.Runtime.CompilerServices;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Answers;

/// <summary>Times as text in UTF-8: <see cref="EventTime.Format"/> without the string.</summary>
internal static class TimeText
{
    /// <summary>Bytes of <c>2026-01-31T12:34:56.000001Z</c>.</summary>
    public const int Length = 27;

    private const int DateLength = 11;

    public static void Write(Span<byte> text, long time)
    {
        long day = -1;
        Span<byte> date = stackalloc byte[DateLength];
        Write(text, time, ref day, date);
    }

    /// <summary>
    /// Times of one day in a row share their date: <paramref name="day"/>, at first -1, and <paramref name="date"/>, 11 bytes, keep it
    /// from call to call.
    /// </summary>
    public static void Write(Span<byte> text, long time, ref long day, Span<byte> date)
    {
        var (today, rest) = Math.DivRem(time, EventTime.Day);
        if (today != day)
        {
            WriteDate(date, time);
            day = today;
        }
        date[..DateLength].CopyTo(text);
        var (seconds, micros) = Math.DivRem((ulong)rest, (ulong)EventTime.Second);
        var (minutes, second) = Math.DivRem((uint)seconds, 60);
        var (hour, minute) = Math.DivRem(minutes, 60);
        text = text[..Length];
        Two(text[11..], hour);
        text[13] = (byte)':';
        Two(text[14..], minute);
        text[16] = (byte)':';
        Two(text[17..], second);
        text[19] = (byte)'.';
        var fraction = (uint)micros;
        Two(text[20..], fraction / 10_000);
        Two(text[22..], fraction / 100 % 100);
        Two(text[24..], fraction % 100);
        text[26] = (byte)'Z';
    }

    private static void WriteDate(Span<byte> date, long time)
    {
        var civil = EventTime.ToDateTime(time);
        Two(date, (uint)civil.Year / 100);
        Two(date[2..], (uint)civil.Year % 100);
        date[4] = (byte)'-';
        Two(date[5..], (uint)civil.Month);
        date[7] = (byte)'-';
        Two(date[8..], (uint)civil.Day);
        date[10] = (byte)'T';
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(Span<byte> text, uint number)
    {
        text[1] = (byte)('0' + (number % 10));
        text[0] = (byte)('0' + (number / 10));
    }
}
