using System.Net;
using System.Net.Sockets;
using SensorGrid.Bench.Cluster;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Tests;

public sealed class RetryingSourceTests
{
    private const string Done = "HTTP/1.1 204 No Content\r\n\r\n";
    private const string Away = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}";

    [Fact]
    public async Task What_a_silo_does_not_take_goes_to_the_next_and_is_counted_once()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        using var stop = new CancellationTokenSource();
        var source = new RetryingSource(new PayloadGenerator(new PlantLayout(4), new PlantSignal(4, 1), 1_700_000_000_000, 1, 4).Endless(0).GetEnumerator());
        var sending = Task.Run(() => source.Run([PortOf(first), PortOf(second)], stop.Token, CancellationToken.None));

        var buffer = new byte[4096];
        byte[] refused;
        using (var socket = await first.AcceptSocketAsync())
        {
            await socket.ReceiveAsync(buffer);
            await socket.SendAsync(Text(Done));
            refused = buffer[..await socket.ReceiveAsync(buffer)];
            await socket.SendAsync(Text(Away));
        }
        using (var socket = await second.AcceptSocketAsync())
        {
            Assert.Equal(refused, buffer[..await socket.ReceiveAsync(buffer)]);
        }
        using (var socket = await first.AcceptSocketAsync())
        {
            Assert.Equal(refused, buffer[..await socket.ReceiveAsync(buffer)]);
            await stop.CancelAsync();
            await socket.SendAsync(Text(Done));
        }
        await sending;

        Assert.Equal([1, 3], source.Writes.Select(write => write.Tries));
        Assert.Equal(8, source.Acknowledged);
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static byte[] Text(string answer) => System.Text.Encoding.ASCII.GetBytes(answer);
}
