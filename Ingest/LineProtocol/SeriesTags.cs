using System.Buffers;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>The measurement and the tags that name a sensor, as they stand in a line, escapes and all; empty where absent.</summary>
internal ref struct SeriesTags
{
    private static readonly SearchValues<byte> MeasurementEnds = SearchValues.Create(","u8);
    private static readonly SearchValues<byte> TagEnds = SearchValues.Create(",="u8);

    public ReadOnlySpan<byte> Measurement;
    public ReadOnlySpan<byte> Factory;
    public ReadOnlySpan<byte> Machine;
    public ReadOnlySpan<byte> Host;
    public ReadOnlySpan<byte> Sensor;
    public ReadOnlySpan<byte> Quality;

    /// <summary>
    /// Reads <c>measurement[,key=value]</c>; returns what is wrong with it, or null. A name with an escape is never valid in a path,
    /// so nothing is unescaped.
    /// </summary>
    public string? Read(ReadOnlySpan<byte> series)
    {
        var end = EndOf(series, MeasurementEnds);
        Measurement = series[..end];
        if (Measurement.IsEmpty)
        {
            return "the measurement is missing";
        }
        while (end < series.Length)
        {
            series = series[(end + 1)..];
            var equals = EndOf(series, TagEnds);
            if (equals is 0 || equals == series.Length || series[equals] != '=')
            {
                return "a tag is not written key=value";
            }
            var rest = series[(equals + 1)..];
            var length = EndOf(rest, TagEnds);
            if (length == 0)
            {
                return "a tag has no value";
            }
            if (length < rest.Length && rest[length] == '=')
            {
                return "a tag's value has an equals sign without a backslash, or the blank before the fields has one";
            }
            if (!Keep(series[..equals], rest[..length]))
            {
                return "a tag stands twice";
            }
            end = equals + 1 + length;
        }
        return null;
    }

    private bool Keep(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => key.Length switch
    {
        7 when key.SequenceEqual("factory"u8) => Set(ref Factory, value),
        7 when key.SequenceEqual("machine"u8) => Set(ref Machine, value),
        7 when key.SequenceEqual("quality"u8) => Set(ref Quality, value),
        6 when key.SequenceEqual("sensor"u8) => Set(ref Sensor, value),
        4 when key.SequenceEqual("host"u8) => Set(ref Host, value),
        _ => true,
    };

    private static bool Set(ref ReadOnlySpan<byte> tag, ReadOnlySpan<byte> value)
    {
        var first = tag.IsEmpty;
        tag = value;
        return first;
    }

    private static int EndOf(ReadOnlySpan<byte> text, SearchValues<byte> ends)
    {
        for (var at = 0; ; at++)
        {
            var found = text[at..].IndexOfAny(ends);
            if (found < 0)
            {
                return text.Length;
            }
            at += found;
            if (at == 0 || text[at - 1] != '\\')
            {
                return at;
            }
        }
    }
}
