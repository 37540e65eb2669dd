namespace SensorGrid.Historian.Tests.Server;

/// <summary>As root: what an ordinary user sees, and folders that only root may enter.</summary>
public sealed class OtherUserTests
{
    private static readonly string[] Nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"];

    [RootFact]
    public async Task An_ordinary_user_runs_it_as_oneself()
    {
        using var data = new DataDirectory();
        var program = CopyForAll(data);
        Shell.Run("install", "-d", "--owner=nobody", data.Path);
        using var host = await HostProcess.StartAsync(data.Path, Nobody, program);

        Assert.StartsWith("ready ", host.Answer, StringComparison.Ordinal);
        await DataDirectory.AddRowAsync(host.ConnectionString, 1);
        Assert.Equal("nobody", Shell.Run("stat", "--format=%U", data.File("postgres")));
        Assert.Equal(0, await host.StopAsync());

        // Root then goes on with the folder as its owner.
        await using var postgres = await data.StartAsync();
        await DataDirectory.AssertRowsAsync(postgres.ConnectionString, 1);
        Assert.Equal("nobody", Shell.Run("stat", "--format=%U", $"/proc/{postgres.Pid}"));
    }

    [RootFact]
    public async Task A_folder_that_an_ordinary_user_may_not_write_is_refused()
    {
        using var data = new DataDirectory();
        using var host = await HostProcess.StartAsync(data.Path, Nobody, CopyForAll(data));
        Assert.Equal(1, await host.StopAsync());
        Assert.StartsWith($"refused data folder {data.Path} cannot be written by user nobody", host.Answer, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task A_folder_below_one_that_only_root_may_enter_works()
    {
        using var data = new DataDirectory("private/data");
        Shell.Run("install", "-d", "--mode=0700", Path.Combine(data.Root, "private"));
        using var host = await HostProcess.StartAsync(data.Path);

        Assert.StartsWith("ready ", host.Answer, StringComparison.Ordinal);
        await DataDirectory.AddRowAsync(host.ConnectionString, 1);
        host.Kill();
        await Eventually.GoneAsync(host.ServerPid);

        await using var postgres = await data.StartAsync();
        await DataDirectory.AssertRowsAsync(postgres.ConnectionString, 1);
    }

    [RootFact]
    public async Task A_folder_that_its_user_cannot_enter_is_refused_where_the_capability_is_gone()
    {
        using var data = new DataDirectory("private/data");
        Shell.Run("install", "-d", "--mode=0700", Path.Combine(data.Root, "private"));
        using var host = await HostProcess.StartAsync(data.Path, ["setpriv", "--bounding-set=-dac_read_search"]);
        Assert.Equal(1, await host.StopAsync());
        Assert.Contains("user postgres, who cannot enter the data folder", host.Answer, StringComparison.Ordinal);
    }

    /// <summary>The build's folder may be root's alone.</summary>
    private static string CopyForAll(DataDirectory data)
    {
        var copy = Path.Combine(data.Root, "program");
        Shell.Run("cp", "-r", AppContext.BaseDirectory, copy);
        Shell.Run("chmod", "-R", "a+rX", copy);
        return copy;
    }
}
