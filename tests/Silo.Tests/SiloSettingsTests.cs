using System.Text.RegularExpressions;
using SensorGrid.Programs;

namespace SensorGrid.Silo.Tests;

public sealed partial class SiloSettingsTests
{
    [Fact]
    public void The_table_of_the_documentation_and_the_records_agree()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Repository(), "docs", "cluster.md")))
            .Select(m => (Name: m.Groups[1].Value, Form: m.Groups[2].Value, Default: m.Groups[3].Value, Meaning: m.Groups[4].Value)).ToArray();
        Assert.Equal(Setting.Of(new SiloOptions()).Select(s => (s.Name, s.Form.Name, s.Default)), rows.Select(r => (r.Name, r.Form, r.Default)));
        Assert.All(rows, r => Assert.NotEmpty(r.Meaning));
    }

    [Theory]
    [InlineData("SiloPort=0", "SiloPort is 0: it must be between 1 and 65535")]
    [InlineData("GatewayPort=11111", "GatewayPort is 11111: it must differ from SiloPort")]
    [InlineData("AdvertiseAddress=localhost", "AdvertiseAddress is localhost: it must be an IP address of this machine such as 10.0.0.7")]
    [InlineData("ServiceId=", "ServiceId is : it must be 1 to 150 printable ASCII characters without blanks")]
    [InlineData("StopPatience=2h", "StopPatience is 2h: it must be at most 1h")]
    [InlineData("Bind=0.0.0.0", "Bind is 0.0.0.0: it must be a loopback address")]
    [InlineData("SiloPorts=1", "SiloPorts in the command line: unknown setting; did you mean \"SiloPort\"?")]
    public void A_fault_names_setting_value_and_rule(string given, string message)
    {
        var parts = given.Split('=');
        var fault = Assert.Throws<CommandException>(() => SiloSettings.Read(Path.GetTempPath(), null, [KeyValuePair.Create(parts[0], parts[1])]));
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
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
