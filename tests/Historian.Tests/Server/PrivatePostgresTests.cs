using Npgsql;
using SensorGrid.Historian.Server;
using static SensorGrid.Historian.Tests.Server.DataDirectory;

namespace SensorGrid.Historian.Tests.Server;

public sealed class PrivatePostgresTests
{
    [Fact]
    public async Task Data_outlives_a_stop()
    {
        using var data = new DataDirectory();
        await using (var first = await data.StartAsync())
        {
            await AddRowAsync(first.ConnectionString, 1);
            await first.StopAsync(CancellationToken.None);
            Assert.Equal(0, await first.Exited);
            Assert.False(Eventually.IsAlive(first.Pid));
        }

        await using var second = await data.StartAsync();
        await AssertRowsAsync(second.ConnectionString, 1);
        Assert.Equal("sensorgrid", await ScalarAsync<string>(second.ConnectionString, "SELECT current_database()::text"));
        Assert.Equal("lz4", await ScalarAsync<string>(second.ConnectionString, "SHOW default_toast_compression"));
    }

    [Fact]
    public async Task A_second_start_on_the_folder_names_the_running_one()
    {
        using var data = new DataDirectory();
        await using var running = await data.StartAsync();

        var refused = await Assert.ThrowsAsync<PrivatePostgresException>(data.StartAsync);

        Assert.Contains($"in use by a running sensorgrid (pid {Environment.ProcessId} port 8080)", refused.Message, StringComparison.Ordinal);
        Assert.Equal($"pid {Environment.ProcessId} port 8080", DataFolder.RunningHolder(data.Path));
        await AddRowAsync(running.ConnectionString, 1);
        await running.StopAsync(CancellationToken.None);
        Assert.Null(DataFolder.RunningHolder(data.Path));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_served_from_a_private_folder()
    {
        using var data = new DataDirectory(string.Join('/', Enumerable.Repeat("deep-folder", 12)));
        await using var postgres = await data.StartAsync();

        await AddRowAsync(postgres.ConnectionString, 1);

        var socket = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host!;
        Assert.True(data.Path.Length > 107);
        Assert.StartsWith("/tmp/sensorgrid-", socket, StringComparison.Ordinal);
        Assert.Equal("700", Shell.Run("stat", "--format=%a", socket));
    }

    [Theory]
    [InlineData("it's a \"plant\" \\ $HOME ü;")]
    [InlineData("one, two: three")]
    public async Task Any_character_may_be_in_the_path(string name)
    {
        using var data = new DataDirectory(name);
        await using var postgres = await data.StartAsync();
        await AddRowAsync(postgres.ConnectionString, 1);
        await AssertRowsAsync(postgres.ConnectionString, 1);
    }

    [Fact]
    public async Task Nobody_else_may_enter_the_cluster_or_the_socket_folder()
    {
        using var data = new DataDirectory();
        await using var postgres = await data.StartAsync();
        Assert.Equal("700", Shell.Run("stat", "--format=%a", data.File("postgres")));
        Assert.Equal("700", Shell.Run("stat", "--format=%a", data.File("socket")));
        Assert.Equal("", await ScalarAsync<string>(postgres.ConnectionString, "SHOW listen_addresses"));
    }

    [Fact]
    public async Task Ctrl_C_does_not_reach_the_server()
    {
        using var data = new DataDirectory();
        await using var postgres = await data.StartAsync();
        var session = File.ReadAllText($"/proc/{postgres.Pid}/stat").Split(')')[^1].Split(' ')[4];
        Assert.Equal(postgres.Pid.ToString(), session);
    }

    [Fact]
    public async Task A_cancelled_stop_stops_at_once_and_loses_nothing()
    {
        using var data = new DataDirectory();
        await using (var first = await data.StartAsync())
        {
            await AddRowAsync(first.ConnectionString, 1);
            await first.StopAsync(new CancellationToken(canceled: true));
            Assert.False(Eventually.IsAlive(first.Pid));
        }

        await using var second = await data.StartAsync();
        await AssertRowsAsync(second.ConnectionString, 1);
    }

    [Fact]
    public async Task A_cancelled_start_leaves_nothing_running()
    {
        using var data = new DataDirectory();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => PrivatePostgres.StartAsync(new() { DataFolder = data.Path }, cancelled.Token));

        Assert.Null(DataFolder.RunningHolder(data.Path));
        Assert.False(File.Exists(data.File("postgres/postmaster.pid")));
    }

    [Fact]
    public async Task A_cluster_that_was_only_half_made_is_made_anew()
    {
        using var data = new DataDirectory();
        Directory.CreateDirectory(data.File("postgres.new/base"));
        await using var postgres = await data.StartAsync();
        Assert.False(Directory.Exists(data.File("postgres.new")));
    }

    [Fact]
    public async Task A_server_that_does_not_start_says_why_in_one_line()
    {
        using var data = new DataDirectory();
        await (await data.StartAsync()).StopAsync(CancellationToken.None);
        File.AppendAllText(data.File("postgres/postgresql.auto.conf"), "max_connections = 'many'\n");

        var refused = await Assert.ThrowsAsync<PrivatePostgresException>(data.StartAsync);

        Assert.Contains("did not start", refused.Message, StringComparison.Ordinal);
        Assert.Contains("postgresql.auto.conf", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Contains("max_connections", File.ReadAllText(data.File("postgres.log")), StringComparison.Ordinal);
    }
}
