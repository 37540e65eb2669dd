using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace SensorGrid.Ingest.Text;

/// <summary>
/// Decimal numbers in UTF-8. Doubles are correctly rounded: a mantissa up to 2^53 and a power of ten up to 10^22 are both exact, so
/// one division or multiplication rounds once (Clinger, "How to Read Floating Point Numbers Accurately", 1990); the rest goes to
/// <see cref="double.TryParse(ReadOnlySpan{byte}, NumberStyles, IFormatProvider?, out double)"/>.
/// </summary>
internal static class NumberText
{
    private const int ExactPowers = 22;
    private const ulong ExactMantissa = 1UL << 53;

    private static readonly SearchValues<byte> NumberWithComma = SearchValues.Create("0123456789+-.,eE"u8);

    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>
    /// Reads the longest <c>[+-] digits [. digits] [e [+-] digits]</c> at the start, with at least one digit. Infinite where the
    /// number is beyond a double's range.
    /// </summary>
    public static bool TryReadDouble(ReadOnlySpan<byte> text, out double value, out int length)
    {
        var i = 0;
        var negative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            i = 1;
        }
        var digits = i;
        ulong mantissa = 0;
        while (i < text.Length && IsDigit(text[i], out var digit))
        {
            mantissa = (mantissa * 10) + digit;
            i++;
        }
        digits = i - digits;
        var decimals = 0;
        if (i < text.Length && text[i] == '.')
        {
            decimals = ++i;
            while (i < text.Length && IsDigit(text[i], out var digit))
            {
                mantissa = (mantissa * 10) + digit;
                i++;
            }
            decimals = i - decimals;
            digits += decimals;
        }
        length = i;
        if (digits is > 0 and <= 19 && mantissa <= ExactMantissa && decimals <= ExactPowers && !IsExponent(text, i))
        {
            value = mantissa / PowersOfTen[decimals];
            value = negative ? -value : value;
            return true;
        }
        value = 0;
        return digits > 0 && ReadRest(text, mantissa, digits, decimals, negative, ref length, out value);
    }

    /// <summary>The whole text as a double; infinite where it is beyond a double's range.</summary>
    public static bool TryParseDouble(ReadOnlySpan<byte> text, out double value) =>
        TryReadDouble(text, out value, out var length) && length == text.Length;

    /// <summary>Whether the text is a name of NaN or infinity as programs print them, sign and case aside.</summary>
    public static bool IsNotFinite(ReadOnlySpan<byte> text)
    {
        text = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        return Ascii.EqualsIgnoreCase(text, "nan"u8) || Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "infinity"u8);
    }

    /// <summary>Whether the text is a number but for one comma: <c>1,5</c>, <c>1.234,5</c> or <c>1,234.5</c>.</summary>
    public static bool HasDecimalComma(ReadOnlySpan<byte> text) =>
        text.Count((byte)',') == 1 && text[^1] is >= (byte)'0' and <= (byte)'9'
        && text[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)','
        && text.IndexOfAnyExcept(NumberWithComma) < 0;

    /// <summary>Reads the digits at the start; false where there are none or they pass a uint64.</summary>
    public static bool TryReadUInt64(ReadOnlySpan<byte> text, out ulong value, out int length)
    {
        value = 0;
        length = 0;
        while (length < 16 && text.Length - length >= 8
            && IsEightDigits(MemoryMarshal.Read<ulong>(text[length..]), out var eight))
        {
            value = (value * 100_000_000) + eight;
            length += 8;
        }
        var overflow = false;
        while (length < text.Length && IsDigit(text[length], out var digit))
        {
            overflow |= value > (ulong.MaxValue - digit) / 10;
            value = (value * 10) + digit;
            length++;
        }
        return length > 0 && !overflow;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDigit(byte b, out uint digit)
    {
        digit = (uint)b - '0';
        return digit <= 9;
    }

    private static bool IsExponent(ReadOnlySpan<byte> text, int i) => i < text.Length && (text[i] | 0x20) == 'e';

    // Eight ASCII digits at once, the first in the lowest byte: http://0x80.pl/articles/simd-parsing-int-sequences.html and
    // Lemire, "Quickly parsing eight digits" (2018).
    private static bool IsEightDigits(ulong word, out ulong value)
    {
        value = 0;
        if (!BitConverter.IsLittleEndian
            || ((word & 0xF0F0F0F0F0F0F0F0) | (((word + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4)) != 0x3333333333333333)
        {
            return false;
        }
        word -= 0x3030303030303030;
        word = (word * 10) + (word >> 8);
        value = (((word & 0x000000FF000000FF) * 0x000F424000000064) + (((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
        return true;
    }

    private static bool ReadRest(
        ReadOnlySpan<byte> text, ulong mantissa, int digits, int decimals, bool negative, ref int length, out double value)
    {
        var exponent = 0;
        if (IsExponent(text, length))
        {
            if (!TryReadExponent(text[(length + 1)..], out exponent, out var used))
            {
                value = 0;
                return false;
            }
            length += 1 + used;
        }
        var power = exponent - decimals;
        if (digits <= 19 && mantissa <= ExactMantissa && power is >= -ExactPowers and <= ExactPowers)
        {
            value = power < 0 ? mantissa / PowersOfTen[-power] : mantissa * PowersOfTen[power];
            value = negative ? -value : value;
            return true;
        }
        return double.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out int exponent, out int length)
    {
        exponent = 0;
        length = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var first = length;
        while (length < text.Length && IsDigit(text[length], out var digit))
        {
            exponent = Math.Min((exponent * 10) + (int)digit, 100_000);
            length++;
        }
        exponent = first == 1 && text[0] == '-' ? -exponent : exponent;
        return length > first;
    }
}
