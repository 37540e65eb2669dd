using System.Globalization;

namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>The mill's runs (University of Michigan SMART lab, 18 runs at 10 Hz), where the development data lies beside the repository.</summary>
internal static class CncMill
{
    public const int Columns = 47;

    /// <summary>Null where there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Numeric columns of a run: names, and the values by column.</summary>
    public static (string[] Names, double[][] Values) Read(string file)
    {
        var lines = File.ReadAllLines(file);
        var names = lines[0].Split(',')[1..(Columns + 1)];
        var rows = lines.Skip(1).Select(line => line.Split(',')).ToArray();
        var values = Enumerable.Range(1, Columns)
            .Select(column => rows.Select(row => double.Parse(row[column], CultureInfo.InvariantCulture)).ToArray()).ToArray();
        return (names, values);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data", "cnc-mill");
            if (Directory.Exists(data))
            {
                return data;
            }
        }
        return null;
    }
}
