using System.Net;
using System.Net.Sockets;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Recovery;

namespace SensorGrid.Bench.Tests;

public sealed class LoadSourceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task What_was_under_way_when_the_server_went_away_is_in_doubt(int answered)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var source = new LoadSource(new PayloadGenerator(new PlantLayout(4), new PlantSignal(4, 1), 1_700_000_000_000, 1, 5).Endless(0));
        var sending = Task.Run(() => source.Run(((IPEndPoint)listener.LocalEndpoint).Port, CancellationToken.None));
        using (var socket = await listener.AcceptSocketAsync())
        {
            var buffer = new byte[4096];
            for (var i = 0; i < answered; i++)
            {
                await socket.ReceiveAsync(buffer);
                await socket.SendAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray());
            }
            await socket.ReceiveAsync(buffer);
        }
        listener.Stop();

        await sending;

        Assert.Equal((answered * 5, 5), (source.Acknowledged, source.InDoubt));
    }

    [Fact]
    public void A_servers_log_says_what_it_recovered() => Assert.Equal(
        (1234, TimeSpan.FromSeconds(5.67)),
        RecoveryBench.Recovered("info: SensorGrid.Edge[1]\n      Recovered 10 sensors, replayed 1234 readings in 5.67 s.\nmore"));
}
