using System.Globalization;
using System.IO.Compression;
using System.Text;
using SensorGrid.Core.Readings;

namespace SensorGrid.Faults.Tests;

/// <summary>Readings and malformed lines as the body of a request.</summary>
internal static class BatchText
{
    /// <summary>Malformed lines go to random places. CSV holds readings of one sensor only.</summary>
    public static Batch Write(
        string name, InputKind input, bool isPacked, IReadOnlyList<(string Path, Reading Reading)> readings, IReadOnlyList<string> badMarks, Random random)
    {
        var lines = readings.Select(r => Line(input, r.Path, r.Reading)).ToList();
        foreach (var mark in badMarks)
        {
            lines.Insert(random.Next(lines.Count + 1), BadLine(input, mark, random));
        }
        var text = input switch
        {
            InputKind.Json => $"[{string.Join(",\n", lines)}]",
            InputKind.Csv => "time,value,quality\n" + string.Join('\n', lines) + "\n",
            _ => string.Join('\n', lines),
        };
        return new Batch(name, input, isPacked, readings, badMarks, Target(input, readings), isPacked ? Pack(text) : Encoding.UTF8.GetBytes(text));
    }

    public static string MediaType(InputKind input) => input switch
    {
        InputKind.LineProtocol => "text/plain",
        InputKind.NdJson => "application/x-ndjson",
        InputKind.Json => "application/json",
        _ => "text/csv",
    };

    private static string Target(InputKind input, IReadOnlyList<(string Path, Reading Reading)> readings)
    {
        if (input != InputKind.Csv)
        {
            return input == InputKind.LineProtocol ? "write?precision=us" : "api/readings";
        }
        var path = readings[0].Path.Split('/');
        return $"api/readings?factory={path[0]}&machine={path[1]}&sensor={path[2]}";
    }

    private static string Line(InputKind input, string path, in Reading reading)
    {
        var parts = path.Split('/');
        var quality = QualityWord(reading.Quality);
        var time = EventTime.Format(reading.Time);
        return input switch
        {
            InputKind.LineProtocol => Invariant($"{parts[2]},factory={parts[0]},machine={parts[1]},quality={quality} value={reading.Value:R} {reading.Time}"),
            InputKind.Csv => Invariant($"{time},{reading.Value:R},{quality}"),
            InputKind.NdJson => Invariant($"{{\"path\":\"{path}\",\"time\":\"{time}\",\"value\":{reading.Value:R},\"quality\":\"{quality}\"}}"),
            _ => Invariant(
                $"{{\"factory\":\"{parts[0]}\",\"machine\":\"{parts[1]}\",\"sensor\":\"{parts[2]}\",\"time\":{reading.Time},\"value\":{reading.Value:R},\"quality\":\"{quality}\"}}"),
        };
    }

    private static string BadLine(InputKind input, string mark, Random random)
    {
        string[] choices = input switch
        {
            InputKind.LineProtocol => [$"{mark} and nothing else", $"m,factory=f,machine=m,sensor={mark} value=NaN 1", $"m,factory=f,machine=m/{mark} value=1 1"],
            InputKind.Csv => [$"{mark},1,good", $"2025-01-01T00:00:00Z,1,{mark}"],
            InputKind.NdJson => [$"{{\"path\":\"f/m/s\",\"time\":\"{mark}\",\"value\":1}}", $"{{\"path\":\"f/m/{mark}\",\"value\":", $"{{\"path\":\"{mark}\",\"value\":1}}"],
            _ => [$"{{\"path\":\"f/m/s\",\"time\":\"{mark}\",\"value\":1}}", $"{{\"path\":\"{mark}\",\"time\":1,\"value\":1}}"],
        };
        return choices[random.Next(choices.Length)];
    }

    public static string QualityWord(Quality quality) => quality switch
    {
        Quality.Good => "good",
        Quality.Uncertain => "uncertain",
        _ => "bad",
    };

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return packed.ToArray();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
