using SensorGrid.Cli.Settings;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Tests.Settings;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Without_any_they_are_the_records_defaults()
    {
        var settings = Read();
        Assert.Equal(new Gateway.GatewayOptions(), settings.Gateway);
        Assert.Equal(new ProgramOptions(), settings.Program);
        Assert.Equal(new Engine.GridOptions(), settings.Edge);
        Assert.Empty(settings.Given);
    }

    [Fact]
    public void Every_default_can_be_set_as_the_documentation_writes_it()
    {
        var settings = Read([.. ServerSettings.All.Where(s => s.Default.Length > 0).Select(s => $"{s.Name}={s.Default}")]);
        Assert.Equal(new Gateway.GatewayOptions(), settings.Gateway);
        Assert.Equal(new ProgramOptions(), settings.Program);
        Assert.Equal(new Engine.GridOptions(), settings.Edge with { Windows = new Engine.GridOptions().Windows });
        Assert.Equal(5, settings.Edge.Windows.Count);
    }

    [Fact]
    public void The_file_of_the_data_folder_is_read_in_every_form()
    {
        _data.Write("sensorgrid.json", """
            {
              // Comments and trailing commas are fine.
              "maxBodyBytes": "16MiB", "BodyBudgetBytes": 50331648, "CheckpointInterval": "1.5m", "Windows": ["1s", "1m", "1h"],
              "Limits": { "SensorsPerMachine": 500 }, "Retention": { "Readings": "90d", "Flags": "off" }, "Retention.Windows": "1000d",
              "Postgres": "Host=/run;Username=u",
            }
            """);
        var settings = Read();
        Assert.Equal((16 << 20, 48L << 20), (settings.Gateway.MaxBodyBytes, settings.Gateway.BodyBudgetBytes));
        Assert.Equal(TimeSpan.FromSeconds(90), settings.Edge.CheckpointInterval);
        Assert.Equal([EventTime.Second, EventTime.Minute, EventTime.Hour], Enumerable.Range(0, settings.Edge.Windows.Count).Select(l => settings.Edge.Windows[l]));
        Assert.Equal((500, 2_000_000), (settings.Edge.Limits.SensorsPerMachine, settings.Edge.Limits.Sensors));
        Assert.Equal((TimeSpan.FromDays(90), TimeSpan.FromDays(1000), (TimeSpan?)null), (settings.Edge.Retention.Readings, settings.Edge.Retention.Windows, settings.Edge.Retention.Flags));
        Assert.Equal("Host=/run;Username=u", settings.Program.Postgres);
        // What all others share stays as it was.
        Assert.Equal(10_000, CatalogLimits.Default.SensorsPerMachine);
    }

    [Fact]
    public void The_command_line_wins_and_its_last_word_counts()
    {
        _data.Write("sensorgrid.json", """{ "Port": 1, "Seal": { "Capacity": 64, "Keep": 16 }, "Windows": ["10s", "1m"] }""");
        var settings = Read("port=2", "Port=3", "seal.keep=4", "Windows=1m,1h");
        Assert.Equal((3, 64, 4), (settings.Gateway.Port, settings.Edge.Seal.Capacity, settings.Edge.Seal.Keep));
        Assert.Equal(EventTime.Minute, settings.Edge.Windows[0]);
        Assert.Contains(settings.Given, g => g is { Setting.Name: "Port", Text: "3", Source: "the command line" });
    }

    [Theory]
    [InlineData("MaxBodyByte=1", "MaxBodyByte in the command line: unknown setting; did you mean \"MaxBodyBytes\"?")]
    [InlineData("Limits.Sensor=1", "Limits.Sensor in the command line: unknown setting; did you mean \"Limits.Sensors\"?")]
    [InlineData("Limits=1", "Limits in the command line: unknown setting; ")]
    [InlineData("MaxBodyBytes=64MB", "MaxBodyBytes in the command line is 64MB: it must be a whole number of bytes, or of KiB, MiB or GiB, such as 64MiB, up to 2147483647")]
    [InlineData("MaxBodyBytes=2GiB", "MaxBodyBytes in the command line is 2GiB: it must be a whole number of bytes")]
    [InlineData("MaxBodyBytes=0", "MaxBodyBytes is 0: it must be between 1 and 1073741824.")]
    [InlineData("Port=-1", "Port in the command line is -1: it must be a whole number")]
    [InlineData("Partitions=0", "Partitions is 0: it must be 1 to 1024")]
    [InlineData("CheckpointInterval=300", "CheckpointInterval in the command line is 300: it must be a number and one of us, ms, s, m, h, d")]
    [InlineData("CheckpointInterval=0s", "CheckpointInterval is 0s: it must be positive")]
    [InlineData("Retention.Readings=never", "Retention.Readings in the command line is never: it must be off, or a number and one of")]
    [InlineData("Retention.Readings=1m", "Retention.Readings is 1m: it must be at least 1h")]
    [InlineData("Windows=10s 25s", "Windows[1] is 25s: it must be a multiple of the size before it (10s) and larger")]
    [InlineData("Windows=", "Windows in the command line is : it must be durations")]
    [InlineData("Bind=0.0.0.0", "Bind is 0.0.0.0: it must be a loopback address")]
    [InlineData("StopPatience=2h", "StopPatience is 2h: it must be at most 1h")]
    public void A_fault_names_setting_value_and_rule(string given, string message) =>
        Assert.StartsWith(message, Assert.Throws<CommandException>(() => Read(given)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{ \"Port\": 1, \"Port\": 2 }", "are no JSON object: ")]
    [InlineData("[1]", "are no JSON object: ")]
    [InlineData("{ \"Port\": ", "are no JSON object: ")]
    [InlineData("{ \"Retention\": { \"Reading\": \"1d\" } }", "unknown setting; did you mean \"Retention.Readings\"?")]
    public void So_does_one_of_the_file(string json, string message)
    {
        var file = _data.Write("sensorgrid.json", json);
        var fault = Assert.Throws<CommandException>(() => Read());
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void A_file_that_is_named_must_be_there() => Assert.Contains(
        "cannot be read", Assert.Throws<CommandException>(() => ServerSettings.Read(_data.PathOf(""), _data.PathOf("none.json"), [])).Message, StringComparison.Ordinal);

    private ServerSettings Read(params string[] given) => ServerSettings.Read(
        _data.PathOf(""), null, [.. given.Select(g => KeyValuePair.Create(g[..g.IndexOf('=')], g[(g.IndexOf('=') + 1)..]))]);
}
