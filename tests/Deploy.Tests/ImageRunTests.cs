using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;
using SensorGrid.Historian.Tests.Postgres;

namespace SensorGrid.Deploy.Tests;

/// <summary>As near to the image as it goes without a registry for what it is built on: its build's command on its context, and its entry point as its user.</summary>
public sealed partial class ImageRunTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const int SigTerm = 15;

    private const UnixFileMode OnlyToRead = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OnlyToEnter = OnlyToRead | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // The image's own, which has no name here.
    private static readonly string[] ItsUser = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=1654", "--regid=1654", "--clear-groups"] : [];

    // What ./sensorgrid test and the test's own host set.
    private static readonly string[] OfOtherBuilds = ["ArtifactsPath", "UseArtifactsOutput", "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorgrid-image-").FullName;

    [OrleansFact]
    public async Task What_its_build_publishes_serves_as_its_user_and_stops()
    {
        var app = await PublishAsync();
        var connection = new NpgsqlConnectionStringBuilder(await CreateDatabaseAsync());
        var (port, siloPort) = (UnusedPort(), UnusedPort());
        // .NET may lie in root's own folder, where nobody else gets.
        string[] user = await SucceedsAsync(Command(app, [.. ItsUser, ImageFile.EntryPoint[0], "--list-runtimes"])) ? ItsUser : [];
        var start = Command(app, [.. user, .. ImageFile.EntryPoint]);
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = "/nonexistent";
        // Of the image that it is made from.
        start.Environment["ASPNETCORE_HTTP_PORTS"] = "8080";
        start.Environment["DOTNET_RUNNING_IN_CONTAINER"] = "true";
        foreach (var (name, value) in ImageFile.Environment)
        {
            start.Environment[name] = value;
        }
        start.Environment["SENSORGRID_Postgres"] = connection.ConnectionString;
        start.Environment["SENSORGRID_Port"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["SENSORGRID_SiloPort"] = siloPort.ToString(CultureInfo.InvariantCulture);

        using var silo = Process.Start(start)!;
        var output = Task.WhenAll(silo.StandardOutput.ReadToEndAsync(), silo.StandardError.ReadToEndAsync());
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.TrueAsync(() => IsReadyAsync(client, silo), "the silo is ready");
            using var lines = new StringContent("t,factory=f,machine=m t1=1.5");
            using var written = await client.PostAsync("/write", lines);
            Assert.Equal(HttpStatusCode.NoContent, written.StatusCode);
            Assert.Equal(0, Kill(silo.Id, SigTerm));
            await silo.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        }
        finally
        {
            if (!silo.HasExited)
            {
                silo.Kill();
            }
        }
        Assert.True(silo.ExitCode == 0, string.Join('\n', await output));
    }

    public void Dispose()
    {
        foreach (var folder in Directory.EnumerateDirectories(_folder, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(folder, OnlyToEnter | UnixFileMode.UserWrite);
        }
        Directory.Delete(_folder, recursive: true);
    }

    // Nobody may write to it then.
    private async Task<string> PublishAsync()
    {
        var (source, app) = (Path.Combine(_folder, "source"), Path.Combine(_folder, "app"));
        Directory.CreateDirectory(source);
        new BuildContext(Repository.Read(".dockerignore")).CopyTo(source);
        var start = Command(source, [.. ImageFile.Publish.Select(word => word == ImageFile.Output ? app : word)]);
        Array.ForEach(OfOtherBuilds, name => start.Environment.Remove(name));
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using var build = Process.Start(start)!;
        var errors = build.StandardError.ReadToEndAsync();
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, output + await errors);
        File.SetUnixFileMode(_folder, OnlyToEnter | UnixFileMode.UserWrite);
        foreach (var entry in Directory.EnumerateFileSystemEntries(app, "*", SearchOption.AllDirectories).Append(app))
        {
            File.SetUnixFileMode(entry, Directory.Exists(entry) ? OnlyToEnter : OnlyToRead);
        }
        return app;
    }

    // As docs/operations.md says, for a user who may do no more.
    private async Task<string> CreateDatabaseAsync()
    {
        await using var server = await postgres.CreateEmptyDatabaseAsync();
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        foreach (var command in new[] { "create user grid password 'secret'", "create database grid owner grid" })
        {
            await using var create = server.CreateCommand(command);
            await create.ExecuteNonQueryAsync();
        }
        // The socket's, which belongs to the server's user.
        File.SetUnixFileMode(connection.Host!, OnlyToEnter | UnixFileMode.UserWrite);
        return $"Host={connection.Host};Username=grid;Password=secret;Database=grid";
    }

    private static ProcessStartInfo Command(string folder, string[] words) =>
        new(words[0], words[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

    private static async Task<bool> SucceedsAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, Process silo)
    {
        Assert.False(silo.HasExited, "the silo ended");
        try
        {
            using var answer = await client.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
