using SensorGrid.Historian.Server;

namespace SensorGrid.Historian.Tests.Server;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("2", "layout version 2, this program knows up to 1")]
    [InlineData("x", "holds no version number")]
    public async Task A_folder_of_another_layout_is_refused(string version, string reason)
    {
        using var data = new DataDirectory();
        Directory.CreateDirectory(data.Path);
        File.WriteAllText(data.File("VERSION"), version);

        var refused = await Assert.ThrowsAsync<PrivatePostgresException>(data.StartAsync);

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Null(DataFolder.RunningHolder(data.Path));
        Assert.False(Directory.Exists(data.File("postgres")));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused()
    {
        using var data = new DataDirectory("file/data");
        File.WriteAllText(Path.Combine(data.Root, "file"), "");
        var refused = await Assert.ThrowsAsync<PrivatePostgresException>(data.StartAsync);
        Assert.Contains($"data folder {data.Path} cannot be written", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_binaries_are_named()
    {
        using var data = new DataDirectory();
        using var host = await HostProcess.StartAsync(data.Path, variable: (PostgresBinaries.FolderVariable, data.Root));
        Assert.Equal(1, await host.StopAsync());
        Assert.StartsWith($"refused SENSORGRID_POSTGRES_BIN={data.Root} has no postgres", host.Answer, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task A_full_disk_is_named()
    {
        using var data = new DataDirectory();
        Directory.CreateDirectory(data.Path);
        Shell.Run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", data.Path);
        try
        {
            var refused = await Assert.ThrowsAsync<PrivatePostgresException>(data.StartAsync);
            Assert.Contains("is full: free some space", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Shell.Run("umount", data.Path);
        }
    }
}
