using System.Net;
using System.Net.Sockets;

namespace SensorGrid.Cli.Tests;

public sealed class UnreachableTests
{
    [Theory]
    [InlineData("query f/m/s")]
    [InlineData("simulate")]
    [InlineData("ingest FILE")]
    public async Task Where_no_server_listens_one_line_says_to_start_it(string line)
    {
        using var folder = new TempFolder();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var file = folder.Write("a.csv", "time,a\n0,1\n");
        var url = $"http://127.0.0.1:{UnusedPort()}";
        var status = await CommandLine.RunAsync([.. line.Replace("FILE", file, StringComparison.Ordinal).Split(' '), "--url", url], output, error);
        Assert.Equal(1, status);
        Assert.Equal("", output.ToString());
        Assert.Equal(
            $"sensorgrid: no server answers at {url}/: start one with ./sensorgrid up, or name another with --url",
            error.ToString().TrimEnd().Split(Environment.NewLine)[^1]);
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
