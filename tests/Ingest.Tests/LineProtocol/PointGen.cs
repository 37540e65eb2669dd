using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Tests.LineProtocol;

/// <summary>Random points with random names, escapes, tag orders, number renderings, strings, blanks and line ends.</summary>
internal static class PointGen
{
    /// <summary>Every int64 alike.</summary>
    public static readonly Gen<long> Bits =
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((long)high << 32) | (uint)low;

    /// <summary>Times from 1970 to <see cref="Decoded.Now"/>.</summary>
    public static readonly Gen<long> Time = Bits.Select(bits => (long)((ulong)bits % (Decoded.Now + 1)));

    private static readonly Gen<string> Part =
        Gen.Elements("a", "f01", "temp-07", "x.y:z", "M_1", "value", "factory").Or(TextOf("abAB09._:-", 1, 12)).Where(part => part is not ("." or ".."));

    private static readonly Gen<string> OddName = TextOf("ab ,=\\\"#é🍭", 1, 8).Select(name => "n" + name.TrimEnd('\\'));

    private static readonly Gen<(string Text, double Value)> Integer =
        from value in Bits
        from unsigned in ArbMap.Default.GeneratorFor<bool>()
        select unsigned ? ($"{(ulong)value}u", (ulong)value) : ($"{value}i", (double)value);

    private static readonly Gen<(string Text, double Value)> Boolean =
        Gen.Elements("t", "T", "true", "True", "TRUE").Select(text => (text, 1.0))
            .Or(Gen.Elements("f", "F", "false", "False", "FALSE").Select(text => (text, 0.0)));

    public static readonly Gen<string> Number =
        Gen.OneOf(
            Bits.Select(BitConverter.Int64BitsToDouble)
                .Where(double.IsFinite).Select(value => value.ToString("R", CultureInfo.InvariantCulture)),
            from whole in Gen.Choose(-1_000_000_000, 1_000_000_000)
            from decimals in Gen.Choose(0, 6)
            select (whole / Math.Pow(10, decimals)).ToString("F" + decimals, CultureInfo.InvariantCulture),
            from sign in Gen.Elements("", "-", "+")
            from whole in TextOf("0123456789", 1, 22)
            from fraction in TextOf("0123456789", 0, 22)
            from exponent in Gen.Elements("", "e5", "E-7", "e+22", "e-300", "E250")
            select $"{sign}{whole}.{fraction}{exponent}");

    private static readonly Gen<(string Text, double Value)> Value = Gen.Frequency(
        (6, Number.Select(text => (text, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)))), (1, Integer), (1, Boolean));

    // Whatever it is, it does not look like a point after a newline, and does not begin like what may follow a closing quote.
    private static readonly Gen<string> String =
        TextOf("ab ,=#é", 0, 6).SelectMany(_ => Gen.Elements("\\\"", "\\\\", "", "\\n", "\nword"), (text, more) => $"\"s{text}{more}{text}\"");

    private static readonly Gen<(string Key, string Text, double? Value)> Field =
        from key in Part
        from number in Value
        from text in String
        from isString in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        select (key, isString ? text : number.Text, isString ? null : (double?)number.Value);

    private static readonly Gen<(string Key, string Value)[]> OtherTags =
        (from key in OddName from value in OddName select ($"{Escape(key, ",= ")}", Escape(value, ",= "))).ArrayOf()
        .Select(tags => tags.Take(3).ToArray());

    /// <summary>Points of a factory.</summary>
    public static Gen<Point> Of(string factory, bool multiLine = true) =>
        from measurement in Part.Or(OddName)
        from machine in Part
        from sensor in Part
        from hasSensor in ArbMap.Default.GeneratorFor<bool>()
        from quality in Gen.Elements<Quality?>(null, Quality.Good, Quality.Uncertain, Quality.Bad)
        from others in OtherTags
        from shuffle in ArbMap.Default.GeneratorFor<int>()
        from fields in Field.NonEmptyListOf().Select(list => list.Take(4).ToArray())
        from time in Time.Select(time => (long?)time).Or(Gen.Constant<long?>(null))
        from layout in Gen.Elements(" ", "  ", "\r", " \r")
        where multiLine || fields.All(field => !field.Text.Contains('\n'))
        where PathPartOrSensor(measurement, hasSensor, fields)
        select Render(measurement, factory, machine, hasSensor ? sensor : null, quality, others, shuffle, fields, time, layout);

    private static Gen<string> TextOf(string alphabet, int min, int max) =>
        from length in Gen.Choose(min, max)
        from runes in Gen.Elements(alphabet.EnumerateRunes().ToArray()).ArrayOf(length)
        select string.Concat(runes);

    // A measurement with other characters cannot name a sensor.
    private static bool PathPartOrSensor(string measurement, bool hasSensor, (string Key, string Text, double? Value)[] fields) =>
        hasSensor || Core.Catalog.PathPart.IsValid(measurement) || fields.All(field => field.Key != "value" || field.Value is null);

    private static Point Render(
        string measurement, string factory, string machine, string? sensor, Quality? quality, (string Key, string Value)[] others,
        int shuffle, (string Key, string Text, double? Value)[] fields, long? time, string layout)
    {
        var tags = new List<(string Key, string Value)> { ("factory", factory), ("machine", machine) };
        tags.AddRange(sensor is null ? [] : [("sensor", sensor)]);
        tags.AddRange(quality is null ? [] : [("quality", quality.Value.ToString().ToLowerInvariant())]);
        tags.AddRange(others);
        new Random(shuffle).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tags));
        var text = new StringBuilder(Escape(measurement, shuffle % 2 == 0 ? ", " : ",= "));
        foreach (var (key, value) in tags)
        {
            text.Append(CultureInfo.InvariantCulture, $",{key}={value}");
        }
        text.Append(layout.StartsWith("  ", StringComparison.Ordinal) ? "  " : " ")
            .AppendJoin(',', fields.Select(field => $"{field.Key}={field.Text}"));
        text.Append(time is null ? "" : $" {time}").Append(layout.Contains('\r') ? layout : "");
        var numeric = fields.Where(field => field.Value is not null).ToList();
        var rows = numeric.Select(field => new Row(
            $"{factory}/{machine}/{NameOf(measurement, sensor, field.Key)}",
            time ?? Decoded.Now, field.Value!.Value, quality ?? Quality.Good));
        return new Point(text.ToString(), rows.ToList(), fields.Length - numeric.Count);
    }

    private static string NameOf(string measurement, string? sensor, string field) =>
        sensor is null ? field == "value" ? measurement : field : field == "value" || field == measurement ? sensor : $"{sensor}.{field}";

    private static string Escape(string name, string special) =>
        string.Concat(name.Select(c => special.Contains(c) ? $"\\{c}" : c.ToString()));
}
