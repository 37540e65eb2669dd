using System.Runtime.Versioning;

namespace SensorGrid.Cli.Tests.Serving;

/// <summary>What <c>sensorgrid up</c> cannot do ends with status 1 and one line that says so, and leaves nothing running.</summary>
public sealed class UpRefusalTests
{
    [Fact]
    public async Task Beside_a_running_one()
    {
        using var folder = new TempFolder();
        await using var running = await UpProgram.StartAsync(folder.PathOf("data"));
        var port = $"{running.Port}";
        var inUse = $"data folder {running.Data} is in use by a running sensorgrid (pid {running.Pid} port {port})";

        await AssertRefusedAsync(inUse, "--data", running.Data, "--port", $"{UpProgram.UnusedPort()}");
        await AssertRefusedAsync(inUse, "--data", running.Data, "--port", port);
        var other = folder.PathOf("other");
        await AssertRefusedAsync($"port {port} is in use", "--data", other, "--port", port);

        Assert.False(Directory.Exists(other));
        Assert.Contains("ready", await running.GetTextAsync("health/ready"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_folder_that_is_a_file()
    {
        using var folder = new TempFolder();
        var file = folder.Write("data", "");
        await AssertRefusedAsync($"data folder {file} cannot be written", "--data", file, "--port", $"{UpProgram.UnusedPort()}");
    }

    [NotRootFact]
    [SupportedOSPlatform("linux")]
    public async Task On_a_folder_that_cannot_be_written()
    {
        using var folder = new TempFolder();
        var data = Directory.CreateDirectory(folder.PathOf("data"), UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;
        await AssertRefusedAsync($"data folder {data} cannot be written", "--data", data, "--port", $"{UpProgram.UnusedPort()}");
    }

    [Fact]
    public async Task On_a_folder_of_a_newer_version()
    {
        using var folder = new TempFolder();
        var data = Path.GetDirectoryName(folder.Write("data/VERSION", "99\n"))!;
        await AssertRefusedAsync($"data folder {data} is of layout version 99", "--data", data, "--port", $"{UpProgram.UnusedPort()}");
        Assert.Null(PostgresProcesses.Server(data));
    }

    [Fact]
    public async Task On_a_folder_whose_database_is_gone()
    {
        using var folder = new TempFolder();
        var data = Path.GetDirectoryName(folder.Write("data/postgres.conf", ""))!;
        await AssertRefusedAsync(
            $"{data}/postgres, which holds all data, is gone: put it back, or remove {data}/postgres.conf", "--data", data, "--port", $"{UpProgram.UnusedPort()}");
        Assert.False(Directory.Exists(Path.Combine(data, "postgres")));
    }

    [Fact]
    public async Task On_an_address_that_others_reach()
    {
        using var folder = new TempFolder();
        var data = folder.PathOf("data");
        await AssertRefusedAsync("must be a loopback address", "--data", data, "--port", $"{UpProgram.UnusedPort()}", "--bind", "0.0.0.0");
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task On_a_Postgres_that_does_not_answer()
    {
        using var folder = new TempFolder();
        var nobody = $"Host=127.0.0.1;Port={UpProgram.UnusedPort()};Username=nobody;Database=none";
        await AssertRefusedAsync("--postgres: Failed to connect", "--data", folder.PathOf("data"), "--port", $"{UpProgram.UnusedPort()}", "--postgres", nobody);
    }

    [Fact]
    public async Task On_what_is_no_connection_string()
    {
        using var folder = new TempFolder();
        await AssertRefusedAsync("give the connection string of a server", "--data", folder.PathOf("data"), "--port", $"{UpProgram.UnusedPort()}", "--postgres", "garbage");
    }

    [Fact]
    public async Task On_broken_rules_whose_file_it_names()
    {
        using var folder = new TempFolder();
        var rules = folder.Write("my-rules.json", """{ "rules": [""");
        await AssertRefusedAsync($"rules file {rules}: line 1: not JSON", "--data", folder.PathOf("data"), "--port", $"{UpProgram.UnusedPort()}", "--rules", rules);
    }

    [Theory]
    [InlineData("SENSORGRID_Retention__Reading", "1d", "Retention.Reading in the environment: unknown setting; did you mean \"Retention.Readings\"?")]
    [InlineData("SENSORGRID_MAXBODYBYTES", "1TB", "MaxBodyBytes in the environment is 1TB: it must be a whole number of bytes")]
    public async Task With_a_wrong_setting_in_the_environment(string name, string value, string reason)
    {
        using var folder = new TempFolder();
        var (status, _, error) = await UpProgram.RunAsync([(name, value)], "--data", folder.PathOf("data"));
        Assert.Equal(1, status);
        Assert.StartsWith("sensorgrid: " + reason, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.PathOf("data")));
    }

    private static async Task AssertRefusedAsync(string reason, params string[] arguments)
    {
        var (status, output, error) = await UpProgram.RunAsync(arguments);
        Assert.Equal((1, ""), (status, output));
        var line = Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("sensorgrid: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }
}
