using System.Text.Json;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Json;

/// <summary>
/// Decodes a JSON array of readings, or one reading a line (NDJSON), by the rules of docs/sending-data.md. Any thread may call it.
/// </summary>
public sealed class JsonReadingsDecoder(SensorCatalog catalog)
{
    /// <summary>
    /// Lines of broken JSON after which the rest of an NDJSON body is refused unread: the reader throws at each, which takes
    /// microseconds, and a body of nothing else must not hold a core for minutes.
    /// </summary>
    public const int MaxBrokenLines = 100_000;

    private const string NotAnObject = "not a JSON object";

    /// <param name="precision">The unit of times that are numbers.</param>
    public DecodeCounts Decode(
        ReadOnlySpan<byte> body, TimePrecision precision, IngestDefaults defaults, TimeLimits times, ReadingBatch batch, Rejections rejections)
    {
        body = body.StartsWith("\uFEFF"u8) ? body[3..] : body;
        var before = (Readings: batch.Count, Rejected: rejections.Count);
        var reading = new JsonReading(catalog, precision, defaults, times, batch, stackalloc byte[JsonReading.ScratchSize]);
        var first = body.TrimStart(" \t\r\n"u8);
        if (first.Length > 0 && first[0] == '[')
        {
            DecodeArray(body, ref reading, rejections);
        }
        else
        {
            DecodeLines(body, ref reading, rejections);
        }
        return new DecodeCounts(batch.Count - before.Readings, 0, rejections.Count - before.Rejected, []);
    }

    private static void DecodeArray(ReadOnlySpan<byte> body, ref JsonReading reading, Rejections rejections)
    {
        var reader = new Utf8JsonReader(body);
        var element = 1;
        var start = 0;
        try
        {
            reader.Read();
            for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; element++)
            {
                start = (int)reader.TokenStartIndex;
                if (ReadElement(ref reader, ref reading) is { } fault)
                {
                    rejections.Add(element, fault, body[start..(int)reader.BytesConsumed]);
                }
                start = (int)reader.BytesConsumed;
            }
            reader.Read();
        }
        catch (JsonException broken)
        {
            rejections.Add(element, $"broken JSON, the rest was not read: {broken.Message}", body[start..]);
        }
    }

    private static void DecodeLines(ReadOnlySpan<byte> body, ref JsonReading reading, Rejections rejections)
    {
        var broken = 0;
        for (var line = 1; !body.IsEmpty; line++)
        {
            var end = body.IndexOf((byte)'\n');
            var text = (end < 0 ? body : body[..end]).Trim(" \t\r"u8);
            if (broken == MaxBrokenLines)
            {
                rejections.Add(line, $"not read after {MaxBrokenLines} lines of broken JSON", body);
                return;
            }
            body = end < 0 ? default : body[(end + 1)..];
            if (!text.IsEmpty && ReadLine(text, ref reading, ref broken) is { } fault)
            {
                rejections.Add(line, fault, text);
            }
        }
    }

    private static string? ReadLine(ReadOnlySpan<byte> text, ref JsonReading reading, ref int broken)
    {
        if (text[0] != '{')
        {
            return NotAnObject;
        }
        var reader = new Utf8JsonReader(text);
        try
        {
            reader.Read();
            reading.Read(ref reader);
            reader.Read();
            return reading.Take();
        }
        catch (JsonException fault)
        {
            broken++;
            return $"broken JSON: {fault.Message}";
        }
    }

    private static string? ReadElement(ref Utf8JsonReader reader, ref JsonReading reading)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return NotAnObject;
        }
        reading.Read(ref reader);
        return reading.Take();
    }
}
