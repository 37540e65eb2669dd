using System.Globalization;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Csv;

namespace SensorGrid.Ingest.Tests.Csv;

/// <summary>Files of real machines against a plain reading of the same files by lines and splits.</summary>
public sealed class RealFileTests
{
    private const long Start = 1_600_000_000_000_000;

    [SharedDataFact]
    public void Cnc_mill()
    {
        var readings = 0;
        foreach (var file in Files("cnc-mill", "experiment_*.csv"))
        {
            var options = new DecodeOptions
            {
                Format = InputFormat.Csv,
                Defaults = new IngestDefaults("mill", "cnc"),
                Csv = new CsvOptions { Start = Start, Step = TimeSpan.FromMilliseconds(100) },
            };
            var decoded = Decoded.Of(File.ReadAllBytes(file), options);
            Assert.Empty(decoded.Rejections);
            Assert.Equal(["Machining_Process", "tool_condition"], decoded.Counts.TextColumns.Select(column => column.Name));
            Assert.Equal(Plain(file, ',', "mill/cnc", (row, _) => Start + (row * 100_000L)), decoded.Rows);
            readings += decoded.Rows.Count;
        }
        Assert.Equal(25_286 * 47, readings);
    }

    [SharedDataFact]
    public void Nab_machine_temperature_with_its_duplicate_times()
    {
        var file = Path.Combine(SharedDataFactAttribute.Folder!, "nab/data/realKnownCause/machine_temperature_system_failure.csv");
        var options = new DecodeOptions { Format = InputFormat.Csv, Defaults = new IngestDefaults("nab", "machine", "temperature") };
        var decoded = Decoded.Of(File.ReadAllBytes(file), options);
        Assert.Empty(decoded.Rejections);
        Assert.Equal(22_695, decoded.Rows.Count);
        Assert.Equal(22_695 - 12, decoded.Rows.Select(row => row.Time).Distinct().Count());
        Assert.Equal(Plain(file, ',', "nab/machine", TimeOf).Select(row => row with { Path = "nab/machine/temperature" }), decoded.Rows);
    }

    [SharedDataFact]
    public void Skab_with_semicolons_and_crlf()
    {
        foreach (var file in Files("skab", "*.csv"))
        {
            var options = new DecodeOptions { Format = InputFormat.Csv, Defaults = new IngestDefaults("skab", "pump") };
            var decoded = Decoded.Of(File.ReadAllBytes(file), options);
            Assert.Empty(decoded.Rejections);
            Assert.Equal(Plain(file, ';', "skab/pump", TimeOf), decoded.Rows);
            Assert.NotNull(decoded.Catalog.Find("skab", "pump", "Volume_Flow_RateRMS"));
        }
    }

    private static IEnumerable<string> Files(string folder, string pattern)
    {
        var files = Directory.EnumerateFiles(Path.Combine(SharedDataFactAttribute.Folder!, folder), pattern, SearchOption.AllDirectories);
        return files.Order(StringComparer.Ordinal);
    }

    private static long TimeOf(int row, string[] cells) => EventTime.FromDateTime(
        DateTime.Parse(cells[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal));

    private static IEnumerable<Row> Plain(string file, char separator, string machine, Func<int, string[], long> timeOf)
    {
        var lines = File.ReadAllLines(file);
        var header = lines[0].Split(separator);
        foreach (var (row, line) in lines.Skip(1).Index())
        {
            var cells = line.Split(separator);
            foreach (var column in Enumerable.Range(1, header.Length - 1))
            {
                if (double.TryParse(cells[column], CultureInfo.InvariantCulture, out var value))
                {
                    yield return new Row($"{machine}/{header[column].Replace(' ', '_')}", timeOf(row, cells), value);
                }
            }
        }
    }
}
