using System.Diagnostics;
using Npgsql;
using SensorGrid.Historian.Server;
using static SensorGrid.Historian.Tests.Server.DataDirectory;

namespace SensorGrid.Historian.Tests.Server;

public sealed class CrashTests
{
    private const int StatusOfSigKill = 128 + 9;

    [Fact]
    public async Task A_killed_server_is_told_of_and_restarted_with_what_it_acknowledged()
    {
        using var data = new DataDirectory();
        await using var postgres = await data.StartAsync();
        var connectionString = postgres.ConnectionString;
        await AddRowAsync(connectionString, 1);

        KillServer(postgres);
        Assert.Equal(StatusOfSigKill, await postgres.Exited.WaitAsync(Eventually.Deadline));
        await postgres.RestartAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);

        Assert.Equal(connectionString, postgres.ConnectionString);
        Assert.False(postgres.Exited.IsCompleted);
        await AssertRowsAsync(connectionString, 1);
    }

    [Fact]
    public async Task A_restart_waits_for_a_busy_backend_of_the_killed_server()
    {
        using var data = new DataDirectory();
        await using var postgres = await data.StartAsync();
        await AddRowAsync(postgres.ConnectionString, 1);
        await using var busy = await ConnectAsync(postgres.ConnectionString);
        await using var work = new NpgsqlCommand("SELECT count(*) FROM generate_series(1, 10000000)", busy);
        var working = work.ExecuteScalarAsync();
        var seen = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%series%' AND pid <> pg_backend_pid()";
        await using (var watch = await ConnectAsync(postgres.ConnectionString))
        await using (var look = new NpgsqlCommand(seen, watch))
        {
            await Eventually.TrueAsync(() => (long)look.ExecuteScalar()! == 1, "the query runs");
        }

        KillServer(postgres);
        await postgres.Exited.WaitAsync(Eventually.Deadline);
        await postgres.RestartAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);

        await AssertRowsAsync(postgres.ConnectionString, 1);
        await Task.WhenAny(working);
    }

    [Fact]
    public async Task A_killed_program_takes_its_server_along()
    {
        using var data = new DataDirectory();
        using (var host = await HostProcess.StartAsync(data.Path))
        {
            await AddRowAsync(host.ConnectionString, 1);
            host.Kill();
            await Eventually.GoneAsync(host.ServerPid);
        }

        await using var postgres = await data.StartAsync();
        await AssertRowsAsync(postgres.ConnectionString, 1);
    }

    [Fact]
    public async Task A_start_right_after_the_program_was_killed_succeeds()
    {
        using var data = new DataDirectory();
        for (var round = 1; round <= 3; round++)
        {
            using var host = await HostProcess.StartAsync(data.Path);
            await AddRowAsync(host.ConnectionString, round);
            host.Kill();
        }

        await using var postgres = await data.StartAsync();
        await AssertRowsAsync(postgres.ConnectionString, 1, 2, 3);
    }

    [Fact]
    public async Task An_orphaned_server_is_shut_down_and_replaced()
    {
        using var data = new DataDirectory();
        await (await data.StartAsync()).StopAsync(CancellationToken.None);
        var orphan = StartWithoutParent(data);

        await using var postgres = await data.StartAsync();

        Assert.False(Eventually.IsAlive(orphan));
        Assert.NotEqual(orphan, postgres.Pid);
        await AddRowAsync(postgres.ConnectionString, 1);
    }

    [Fact]
    public async Task A_stale_pid_that_is_now_another_servers_is_left_alone()
    {
        using var otherData = new DataDirectory();
        await using var other = await otherData.StartAsync();
        using var data = new DataDirectory();
        await using (var killed = await data.StartAsync())
        {
            await AddRowAsync(killed.ConnectionString, 1);
            KillServer(killed);
            await killed.Exited.WaitAsync(Eventually.Deadline);
        }

        var pidFile = data.File("postgres/postmaster.pid");
        var lines = File.ReadAllLines(pidFile);
        lines[0] = $"{other.Pid}";
        File.WriteAllLines(pidFile, lines);
        await using var postgres = await data.StartAsync();

        await AssertRowsAsync(postgres.ConnectionString, 1);
        Assert.True(Eventually.IsAlive(other.Pid));
    }

    [Fact]
    public async Task An_empty_pid_file_does_not_hinder()
    {
        using var data = new DataDirectory();
        await (await data.StartAsync()).StopAsync(CancellationToken.None);
        File.WriteAllText(data.File("postgres/postmaster.pid"), "");
        await using var postgres = await data.StartAsync();
        Assert.True(Eventually.IsAlive(postgres.Pid));
    }

    private static void KillServer(PrivatePostgres postgres)
    {
        using var process = Process.GetProcessById(postgres.Pid);
        process.Kill();
    }

    /// <summary>Starts the server as pg_ctl does: in the background, nobody's child.</summary>
    private static int StartWithoutParent(DataDirectory data)
    {
        var ctl = Path.Combine(PostgresBinaries.Find().Folder, "pg_ctl");
        string[] become = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : ["env"];
        Shell.Run(become[0], [.. become[1..], ctl, "start", "-w", "-D", data.File("postgres"), "-l", "/dev/null", "-o", $"-c config_file={data.File("postgres.conf")}"]);
        return int.Parse(File.ReadAllLines(data.File("postgres/postmaster.pid"))[0]);
    }
}
