using System.Text.RegularExpressions;
using SensorGrid.Cli.Settings;

namespace SensorGrid.Cli.Tests.Settings;

public sealed partial class SettingsDocTests
{
    [Fact]
    public void The_table_of_the_documentation_and_the_records_agree()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Repository(), "docs", "settings.md")))
            .Select(m => (Name: m.Groups[1].Value, Form: m.Groups[2].Value, Default: m.Groups[3].Value, Meaning: m.Groups[4].Value)).ToArray();

        Assert.Equal(ServerSettings.All.Select(s => (s.Name, s.Form.Name, s.Default)), rows.Select(r => (r.Name, r.Form, r.Default)));
        Assert.All(rows, r => Assert.NotEmpty(r.Meaning));
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SensorGrid.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return folder;
    }

    [GeneratedRegex(@"^\| `([\w.]+)` \| ([^|]*) \| (?:([^|]*) )?\| ([^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
