using System.Globalization;
using System.Text;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest.Tests.Text;

public sealed class NumberTextTests
{
    private const int Seed = 20260131;

    [Fact]
    public void Shortest_round_trips_of_random_doubles() =>
        AssertParsed(1_000_000, random => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)) is var value
            && double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "0");

    [Fact]
    public void Values_of_a_plant() =>
        AssertParsed(1_000_000, random =>
            (random.NextDouble() * Math.Pow(10, random.Next(-3, 9))).ToString("F" + random.Next(0, 9), CultureInfo.InvariantCulture));

    [Fact]
    public void Random_decimals()
    {
        AssertParsed(1_000_000, random =>
        {
            var text = new StringBuilder(random.Next(4) switch { 0 => "-", 1 => "+", _ => "" });
            AppendDigits(text, random, random.Next(0, 22));
            text.Append(random.Next(3) > 0 ? "." : "");
            AppendDigits(text, random, random.Next(1, 22));
            return text.Append(random.Next(3) == 0 ? $"e{random.Next(-340, 340)}" : "").ToString();
        });

        static void AppendDigits(StringBuilder text, Random random, int count)
        {
            for (var i = 0; i < count; i++)
            {
                text.Append((char)('0' + random.Next(10)));
            }
        }
    }

    [Fact]
    public void What_is_no_number_is_refused_as_double_parse_does()
    {
        const string Alphabet = "0123456789+-.eE ";
        var random = new Random(Seed);
        for (var i = 0; i < 1_000_000; i++)
        {
            var text = new string(random.GetItems<char>(Alphabet, random.Next(0, 8))).Trim();
            var expected = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
            Assert.True(
                expected == NumberText.TryParseDouble(Encoding.ASCII.GetBytes(text), out var parsed) && (!expected || Same(value, parsed)), text);
        }
    }

    [Theory]
    [InlineData("9007199254740993")]
    [InlineData("9007199254740992.5")]
    [InlineData("1.7976931348623159e308")]
    [InlineData("2.4703282292062327e-324")]
    [InlineData("2.4703282292062328e-324")]
    [InlineData("0e99999999999999999999")]
    [InlineData("1e-99999999999999999999")]
    [InlineData("1e99999999999999999999")]
    [InlineData("18446744073709551616")]
    [InlineData("184467440737095516150.1")]
    [InlineData("0.00000000000000000000000000000000000000000000000000001e53")]
    [InlineData("-0.0")]
    public void Edges(string text)
    {
        Assert.True(NumberText.TryParseDouble(Encoding.ASCII.GetBytes(text), out var value));
        Assert.True(Same(double.Parse(text, CultureInfo.InvariantCulture), value), $"{text}: {value:R}");
    }

    [Fact]
    public void Unsigned_integers_of_every_length()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 1_000_000; i++)
        {
            var text = new string(random.GetItems<char>("0123456789", random.Next(1, 23)));
            var bytes = Encoding.ASCII.GetBytes(text + (char)random.Next(' ', '0'));
            var fits = ulong.TryParse(text, out var expected);
            var read = NumberText.TryReadUInt64(bytes, out var value, out var length);
            Assert.True(read == fits && length == text.Length && (!fits || expected == value), text);
        }
    }

    private static void AssertParsed(int count, Func<Random, string> render)
    {
        var random = new Random(Seed);
        var bytes = new byte[400];
        for (var i = 0; i < count; i++)
        {
            var text = render(random);
            var length = Encoding.ASCII.GetBytes(text, bytes);
            bytes[length] = (byte)',';
            var read = NumberText.TryReadDouble(bytes.AsSpan(0, length + 1), out var value, out var used);
            Assert.True(read && used == length && Same(double.Parse(text, CultureInfo.InvariantCulture), value), text);
        }
    }

    private static bool Same(double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b);
}
