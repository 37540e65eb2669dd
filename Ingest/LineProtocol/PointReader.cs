using System.Buffers;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>
/// Reads one point of InfluxDB's line protocol (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/). Outside
/// strings a comma, blank or equals sign is part of a name where a backslash stands right before it, and other backslashes are
/// ordinary characters; in strings <c>\"</c> and <c>\\</c> are escapes and a raw newline is text, unless the line after it is a good
/// point by itself: then the quote was not closed. It does not look into the tags.
/// </summary>
internal ref struct PointReader(ReadOnlySpan<byte> body, int start, NumericField[]? fields)
{
    private const string NoField = "the line has no field";
    private const string BadField = "a field is not written key=value";
    private const string BadValue = "a field's value is no number, boolean or quoted string";
    private const string NotClosed = "a string is not closed, or has a quote without a backslash";
    private const string BadTime = "the time is not a whole number";

    private static readonly SearchValues<byte> KeyEnds = SearchValues.Create(",= \n"u8);
    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create(", \n"u8);

    private readonly ReadOnlySpan<byte> _body = body;
    private int _at = start;

    /// <summary>
    /// The numeric fields, as many as <see cref="FieldCount"/> says; a larger pooled array than given where that was too short; null
    /// where none was given.
    /// </summary>
    public NumericField[]? Fields { get; private set; } = fields;

    public int FieldCount { get; private set; }

    public int StringCount { get; private set; }

    /// <summary>The bytes from the measurement through the blank before the fields.</summary>
    public ReadOnlySpan<byte> Series { get; private set; }

    /// <summary>Microseconds since 1970-01-01 UTC; null where the line has no time.</summary>
    public long? Time { get; private set; }

    /// <summary>Where reading stopped: where the point is good, at its newline or the end of the body.</summary>
    public readonly int Position => _at;

    /// <summary>Why the line is no good point; null where it is one.</summary>
    public string? Read(TimePrecision precision) => ReadSeries() ?? ReadFields() ?? ReadTime(precision);

    private string? ReadSeries()
    {
        SkipBlanks();
        var first = _at;
        for (; ; _at++)
        {
            var found = _body[_at..].IndexOfAny((byte)' ', (byte)'\n');
            if (found < 0 || _body[_at + found] == '\n')
            {
                return NoField;
            }
            _at += found;
            if (!IsEscaped(first))
            {
                break;
            }
        }
        Series = _body[first..(_at + 1)];
        SkipBlanks();
        return null;
    }

    private string? ReadFields()
    {
        while (true)
        {
            var key = _at;
            var fault = ReadKey() ?? ReadValue(key, _at - key);
            if (fault is not null)
            {
                return fault;
            }
            if (_at == _body.Length || _body[_at] != ',')
            {
                return null;
            }
            _at++;
        }
    }

    // Leaves the position behind the equals sign.
    private string? ReadKey()
    {
        var first = _at;
        for (; ; _at++)
        {
            var found = _body[_at..].IndexOfAny(KeyEnds);
            _at += Math.Max(found, 0);
            if (found < 0 || _body[_at] == '\n')
            {
                return NoFieldFrom(first);
            }
            if (!IsEscaped(first))
            {
                break;
            }
        }
        if (_body[_at] != '=' || _at == first)
        {
            return BadField;
        }
        _at++;
        return null;
    }

    private readonly string NoFieldFrom(int first)
    {
        var rest = _body[first..];
        var end = rest.IndexOf((byte)'\n');
        return (end < 0 ? rest : rest[..end]).Trim("\r "u8).IsEmpty ? NoField : BadField;
    }

    private string? ReadValue(int key, int keyLength)
    {
        if (_at < _body.Length && _body[_at] == '"')
        {
            return ReadString();
        }
        var text = _body[_at..];
        var end = text.IndexOfAny(ValueEnds);
        if (end >= 0)
        {
            text = text[..end];
        }
        _at += text.Length;
        if (text.Length > 0 && text[^1] == '\r' && (end < 0 || _body[_at] == '\n'))
        {
            text = text[..^1];
        }
        var fault = ParseValue(text, out var value);
        if (fault is null)
        {
            AddField(new NumericField { KeyStart = key, KeyLength = keyLength, Value = value });
        }
        return fault;
    }

    private string? ReadString()
    {
        var first = ++_at;
        while (true)
        {
            var found = _body[_at..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
            {
                _at = _body.Length;
                return NotClosed;
            }
            _at += found + 1;
            if (_body[_at - 1] == '"')
            {
                break;
            }
            if (_at < _body.Length && _body[_at] is (byte)'"' or (byte)'\\')
            {
                _at++;
            }
        }
        StringCount++;
        var isEnd = _at == _body.Length || _body[_at] is (byte)',' or (byte)' ' or (byte)'\n' || IsCarriageReturnAtEnd();
        return isEnd && !HasPoint(first) ? null : NotClosed;
    }

    // Whether a line that begins inside a string is a good point with a number.
    private readonly bool HasPoint(int first)
    {
        for (var newline = first; _body[newline.._at].IndexOf((byte)'\n') is >= 0 and var found;)
        {
            newline += found + 1;
            var line = _body[newline..];
            var end = line.IndexOf((byte)'\n');
            var point = new PointReader(end < 0 ? line : line[..end], 0, fields: null);
            if (point.Read(TimePrecision.Nanoseconds) is null && point.FieldCount > 0)
            {
                return true;
            }
        }
        return false;
    }

    private string? ReadTime(TimePrecision precision)
    {
        SkipBlanks();
        var text = _body[_at..];
        var negative = text.Length > 0 && text[0] == '-';
        if (!NumberText.TryReadUInt64(negative ? text[1..] : text, out var count, out var digits))
        {
            if (digits > 0)
            {
                return TimeText.OutOfRange;
            }
            return !negative && IsAtEnd() ? null : BadTime;
        }
        _at += digits + (negative ? 1 : 0);
        SkipBlanks();
        if (!IsAtEnd())
        {
            return BadTime;
        }
        if (!precision.TryToMicroseconds(count, out var time) || time > EventTime.Max || (negative && count > 0))
        {
            return TimeText.OutOfRange;
        }
        Time = time;
        return null;
    }

    // Steps over the carriage return of a CRLF.
    private bool IsAtEnd()
    {
        if (IsCarriageReturnAtEnd())
        {
            _at++;
        }
        return _at == _body.Length || _body[_at] == '\n';
    }

    private readonly bool IsCarriageReturnAtEnd() =>
        _at < _body.Length && _body[_at] == '\r' && (_at + 1 == _body.Length || _body[_at + 1] == '\n');

    private readonly bool IsEscaped(int first) => _at > first && _body[_at - 1] == '\\';

    private void SkipBlanks()
    {
        while (_at < _body.Length && _body[_at] is (byte)' ' or (byte)'\t')
        {
            _at++;
        }
    }

    private void AddField(NumericField field)
    {
        if (FieldCount == Fields?.Length)
        {
            var larger = ArrayPool<NumericField>.Shared.Rent(2 * FieldCount);
            Fields.CopyTo(larger, 0);
            ArrayPool<NumericField>.Shared.Return(Fields);
            Fields = larger;
        }
        if (Fields is not null)
        {
            Fields[FieldCount] = field;
        }
        FieldCount++;
    }

    private static string? ParseValue(ReadOnlySpan<byte> text, out double value)
    {
        if (NumberText.TryReadDouble(text, out value, out var length))
        {
            return length == text.Length
                ? double.IsFinite(value) ? null : "a field's number is too large for a double"
                : length == text.Length - 1 ? ParseInteger(text[..^1], text[^1], out value) : BadValue;
        }
        if (text.SequenceEqual("t"u8) || text.SequenceEqual("T"u8) || text.SequenceEqual("true"u8) || text.SequenceEqual("True"u8)
            || text.SequenceEqual("TRUE"u8))
        {
            value = 1;
            return null;
        }
        return text.SequenceEqual("f"u8) || text.SequenceEqual("F"u8) || text.SequenceEqual("false"u8) || text.SequenceEqual("False"u8)
            || text.SequenceEqual("FALSE"u8) ? null
            : NumberText.IsNotFinite(text) ? "a field is NaN or infinite" : BadValue;
    }

    private static string? ParseInteger(ReadOnlySpan<byte> text, byte suffix, out double value)
    {
        value = 0;
        var negative = text[0] == '-';
        var signed = suffix == 'i';
        if (text[0] is (byte)'-' or (byte)'+')
        {
            text = text[1..];
        }
        var fits = NumberText.TryReadUInt64(text, out var count, out var length);
        if ((!signed && suffix != 'u') || length != text.Length || (negative && !signed))
        {
            return BadValue;
        }
        if (!fits || (signed && count > (negative ? 1UL << 63 : long.MaxValue)))
        {
            return "a field's integer is too large";
        }
        value = negative ? -(double)count : count;
        return null;
    }
}
