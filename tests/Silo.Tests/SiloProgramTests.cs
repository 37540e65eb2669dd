using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SensorGrid.Core.Rules;
using SensorGrid.Edge.Tests;
using SensorGrid.Gateway.Tests;
using SensorGrid.Grains;

namespace SensorGrid.Silo.Tests;

[Collection(PostgresServer.Collection)]
public sealed class SiloProgramTests(PostgresServer postgres) : IDisposable
{
    private readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Two_serve_until_SIGTERM_with_settings_from_everywhere()
    {
        var connection = await postgres.CreateDatabaseAsync();
        _data.Write("sensorgrid.json", """{ "ClusterId": "plant", "MaxBodyBytes": "1MiB" }""");
        (string, string)[] environment = [("SENSORGRID_SERVICEID", "plants"), ("SENSORGRID_POSTGRES", connection)];
        var (port, other) = (TestSilo.UnusedPort(), TestSilo.UnusedPort());
        using var first = SiloProcess.Begin(environment, [.. Arguments(port), "--set", "StopPatience=1m"]);
        await first.PrintsAsync($"The silo of cluster plant serves on http://127.0.0.1:{port}/");
        using var second = SiloProcess.Begin([], [.. Arguments(other), "--postgres", connection, "--service-id", "plants"]);
        await second.PrintsAsync($"serves on http://127.0.0.1:{other}/");
        using var http = new HttpClient();
        Assert.Contains("\"live\"", await http.GetStringAsync($"http://127.0.0.1:{other}/health/live"), StringComparison.Ordinal);
        Assert.Equal(0, await first.StopAsync());
        Assert.EndsWith("Stopped.", first.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(0, await second.StopAsync());
    }

    [Fact]
    public async Task One_with_a_data_folder_has_a_Postgres_of_its_own()
    {
        using var silo = SiloProcess.Begin([], Arguments(TestSilo.UnusedPort()));
        await silo.PrintsAsync("The silo of cluster sensorgrid serves on ");
        Assert.Equal(0, await silo.StopAsync());
        Assert.True(Directory.Exists(_data.PathOf("postgres")));
    }

    [Fact]
    public async Task SIGTERM_ends_the_waiting_for_Postgres()
    {
        using var silo = SiloProcess.Begin([], [.. Arguments(TestSilo.UnusedPort()), "--postgres", $"Host=127.0.0.1;Port={TestSilo.UnusedPort()};Username=u;Database=d"]);
        await silo.PrintsAsync("Waiting for Postgres, which does not answer: ");
        Assert.Equal(0, await silo.StopAsync());
    }

    [Fact]
    public async Task What_it_cannot_do_is_one_line_and_status_1()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var silo = await TestSilo.StartAsync(connection);
        var port = TestSilo.UnusedPort();
        await RefusesAsync("the database was made with cluster = test; this program is set to other: ", 1, [.. Arguments(port), "--postgres", connection, "--cluster-id", "other"]);
        await Table.ExecuteAsync(connection, "insert into setting values ('partitions', '4')");
        string[] member = [.. Arguments(port), "--postgres", connection, "--cluster-id", "test", "--service-id", "test"];
        await RefusesAsync("the database was made with partitions = 4; this program is set to 16: ", 1, member);
        await Table.ExecuteAsync(connection, $"alter database {new NpgsqlConnectionStringBuilder(connection).Database} set synchronous_commit = off");
        await RefusesAsync("synchronous_commit is off for this user and database", 1, member);
        await RefusesAsync($"port {silo.Host.Address.Port} is in use: ", 1, [.. Arguments(silo.Host.Address.Port), "--postgres", connection]);
        await RefusesAsync($"port {silo.Options.SiloPort} is in use: ", 1, ["--data", _data.PathOf(""), "--silo-port", Text(silo.Options.SiloPort), "--port", Text(port)]);
        await RefusesAsync("ClusterId is a b: it must be 1 to 150 printable ASCII characters without blanks", 1, "--cluster-id", "a b");
        await RefusesAsync("AdvertiseAddress is 0.0.0.0: it must be an IP address of this machine such as 10.0.0.7", 1, "--advertise", "0.0.0.0");
    }

    [Fact]
    public async Task A_part_that_fails_ends_it_with_one_line_and_status_1()
    {
        var (port, error) = (TestSilo.UnusedPort(), new StringWriter());
        var program = SiloProgram.RunAsync(
            [.. Arguments(port), "--postgres", await postgres.CreateDatabaseAsync()], _ => new FakeGrid(),
            (silo, _, _, _) => silo.Services.AddSingleton<IRulesInForce>(new BrokenRules()), TextWriter.Null, error);
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await http.GetAsync($"http://127.0.0.1:{port}/health/live")).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the silo serves");

        _data.Write("rules.json", "{}");

        Assert.Equal(1, await program.WaitAsync(Eventually.Deadline));
        Assert.Equal("sensorgrid-silo: a part of the silo failed: broken", error.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("--nonsense", "unknown option --nonsense: see --help")]
    [InlineData("--silo-port=0", "--silo-port takes a number from 1 to 65535: see --help")]
    public Task Wrong_usage_is_status_2(string argument, string message) => RefusesAsync(message, 2, argument);

    private static async Task RefusesAsync(string message, int status, params string[] arguments)
    {
        using var silo = SiloProcess.Begin([], arguments);
        Assert.Equal(status, await silo.EndedAsync());
        var error = silo.Output.Split('\n').Single(line => line.StartsWith("sensorgrid-silo: ", StringComparison.Ordinal));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain(silo.Output.Split('\n'), line => line.StartsWith("   at ", StringComparison.Ordinal));
    }

    private string[] Arguments(int port) => SiloProcess.Arguments(port, "--data", _data.PathOf(""));

    private sealed class BrokenRules : IRulesInForce
    {
        public Task UseAsync(RuleSet rules) => throw new InvalidOperationException("broken");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
