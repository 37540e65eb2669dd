using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace SensorGrid.Grains.Tests;

/// <summary>Values as text, every bit of them: of numbers their bits, of lists their items, of records their properties.</summary>
internal static class Bits
{
    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case double number:
                text.Append(CultureInfo.InvariantCulture, $"{number:R}#{BitConverter.DoubleToInt64Bits(number):X}");
                break;
            case ReadOnlyMemory<byte> bytes:
                text.Append("0x").Append(Convert.ToHexString(bytes.Span));
                break;
            case TimeSpan time:
                text.Append(CultureInfo.InvariantCulture, $"{time.Ticks} ticks");
                break;
            case byte[] bytes:
                text.Append("0x").Append(Convert.ToHexString(bytes));
                break;
            case SiloAddress silo:
                text.Append(silo.ToParsableString());
                break;
            case string:
                text.Append('"').Append(value).Append('"');
                break;
            case IEnumerable items:
                AppendAll(text, '[', items.Cast<object?>().Select(i => ("", i)), ']');
                break;
            case IConvertible:
                text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
            default:
                var properties = value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0);
                AppendAll(text, '{', properties.Select(p => ($"{p.Name}=", p.GetValue(value))), '}');
                break;
        }
    }

    private static void AppendAll(StringBuilder text, char begin, IEnumerable<(string Name, object? Value)> parts, char end)
    {
        text.Append(begin);
        foreach (var (name, value) in parts)
        {
            text.Append(name);
            Append(text, value);
            text.Append(' ');
        }
        text.Append(end);
    }
}
