using System.Text;

namespace SensorGrid.Cli.Ingesting;

/// <summary>Tells a file's format from its name, else from its first bytes.</summary>
internal static class FormatGuess
{
    /// <summary>Null where the name does not say.</summary>
    public static FileFormat? OfName(string file) => Path.GetExtension(WithoutGz(file)).ToLowerInvariant() switch
    {
        ".csv" or ".tsv" => FileFormat.Csv,
        ".json" or ".ndjson" or ".jsonl" => FileFormat.Json,
        ".lp" or ".line" or ".txt" => FileFormat.Line,
        _ => null,
    };

    /// <summary>JSON begins with a bracket; a line of the line protocol has an equals sign behind its first blank; the rest is CSV.</summary>
    public static FileFormat OfBytes(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        if (text.Length > 0 && text[0] is (byte)'[' or (byte)'{')
        {
            return FileFormat.Json;
        }
        while (text.Length > 0 && text[0] == '#')
        {
            var next = text.IndexOf((byte)'\n');
            text = next < 0 ? [] : text[(next + 1)..];
        }
        var end = text.IndexOf((byte)'\n');
        var line = Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        while (blank > 0 && line[blank - 1] == '\\')
        {
            blank = line.IndexOf(' ', blank + 1);
        }
        return blank > 0 && line.IndexOf('=', blank) > 0 ? FileFormat.Line : FileFormat.Csv;
    }

    /// <summary>The file's name without folder and extension, and without .gz before that.</summary>
    public static string BareName(string file) => Path.GetFileNameWithoutExtension(WithoutGz(file));

    private static string WithoutGz(string file) =>
        file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
}
