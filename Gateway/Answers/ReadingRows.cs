using System.Globalization;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Answers;

/// <summary>Readings as rows of JSON or CSV in UTF-8. Allocates nothing per reading. Not thread-safe.</summary>
internal sealed class ReadingRows(bool csv)
{
    /// <summary>No row is longer.</summary>
    public const int MaxLength = 128;

    private readonly byte[] _date = new byte[TimeText.Length];
    private long _day = -1;
    private bool _isFirst = true;

    /// <summary>Writes as many readings as fit.</summary>
    /// <param name="taken">How many.</param>
    /// <returns>Bytes written.</returns>
    public int Fill(Span<byte> target, ReadOnlySpan<Reading> readings, out int taken)
    {
        var length = 0;
        for (taken = 0; taken < readings.Length && target.Length - length >= MaxLength; taken++)
        {
            length += csv ? WriteCsv(target[length..], readings[taken]) : WriteJson(target[length..], readings[taken]);
        }
        return length;
    }

    private int WriteJson(Span<byte> target, Reading reading)
    {
        var at = 0;
        if (!_isFirst)
        {
            target[at++] = (byte)',';
        }
        _isFirst = false;
        at += Copy("{\"time\":\""u8, target[at..]);
        at += WriteTime(target[at..], reading.Time);
        at += Copy("\",\"value\":"u8, target[at..]);
        at += double.IsFinite(reading.Value) ? WriteNumber(target[at..], reading.Value) : Copy("null"u8, target[at..]);
        at += Copy(",\"quality\":\""u8, target[at..]);
        at += Copy(Words.Of(reading.Quality).EncodedUtf8Bytes, target[at..]);
        at += Copy("\"}"u8, target[at..]);
        return at;
    }

    private int WriteCsv(Span<byte> target, Reading reading)
    {
        var at = WriteTime(target, reading.Time);
        target[at++] = (byte)',';
        at += WriteNumber(target[at..], reading.Value);
        target[at++] = (byte)',';
        at += Copy(Words.Of(reading.Quality).EncodedUtf8Bytes, target[at..]);
        target[at++] = (byte)'\n';
        return at;
    }

    private int WriteTime(Span<byte> target, long time)
    {
        TimeText.Write(target, time, ref _day, _date);
        return TimeText.Length;
    }

    private static int WriteNumber(Span<byte> target, double value)
    {
        value.TryFormat(target, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }
}
