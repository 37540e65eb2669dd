using System.Net;
using System.Net.Sockets;
using SensorGrid.Historian.Server;

namespace SensorGrid.Cli.Tests.Doctor;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sensorgrid-test-").FullName;

    private string Data => Path.Combine(_root, "data");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_fit_machine_gets_a_table_and_status_0()
    {
        var (status, report) = await ExamineAsync(FreePort());
        Assert.Equal(0, status);
        Assert.Equal(9, report.Count(l => !l.StartsWith(' ')));
        Assert.Contains($"ok    data folder  {Data} (made at the first start)", report);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task A_taken_port_names_its_owner_and_fails()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var (status, report) = await ExamineAsync(((IPEndPoint)listener.LocalEndpoint).Port);

        Assert.Equal(1, status);
        var line = Array.FindIndex(report, l => l.StartsWith("fail  port ", StringComparison.Ordinal));
        Assert.EndsWith($"(pid {Environment.ProcessId})", report[line], StringComparison.Ordinal);
        Assert.EndsWith("-> stop it, or give another --port", report[line + 1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_served_from_the_data_folder_is_well()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var running = DataFolder.Open(Data, port);

        var (status, report) = await ExamineAsync(port);

        Assert.Equal(0, status);
        Assert.Contains(report, l => l.EndsWith($"served by sensorgrid on this data folder (pid {Environment.ProcessId} port {port})", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_data_folder_of_a_newer_program_fails()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "VERSION"), "9");
        var (status, report) = await ExamineAsync(FreePort());
        Assert.Equal(1, status);
        Assert.Contains(report, l => l.StartsWith("fail  data layout", StringComparison.Ordinal) && l.Contains("version 9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_fails()
    {
        using var output = new StringWriter();
        var status = await CommandLine.RunAsync(["doctor", "--data", "/proc/sensorgrid", "--port", $"{FreePort()}"], output, TextWriter.Null);
        Assert.Equal(1, status);
        Assert.Contains("fail  data folder  /proc cannot be written", output.ToString(), StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<(int Status, string[] Report)> ExamineAsync(int port)
    {
        using var output = new StringWriter();
        var status = await CommandLine.RunAsync(["doctor", "--data", Data, "--port", $"{port}"], output, TextWriter.Null);
        return (status, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
