using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SensorGrid.Bench.Live;

namespace SensorGrid.Bench.Tests;

public sealed class SubscriberSetTests
{
    private const string Head = "HTTP/1.1 200 OK\r\n\r\n: live\n\n";
    private const string Twin = "event: sensor\nid: 1\ndata: {\"path\":\"f/m/s\",\"last\":{\"time\":\"2026-01-31T12:01:10.100000Z\"}}\n\n";

    [Fact]
    public async Task Subscribers_are_dealt_out_to_servers_and_machines_and_tell_what_they_got()
    {
        using var first = Listen();
        using var second = Listen();
        await using var commands = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var answers = new AnonymousPipeServerStream(PipeDirection.In);
        using var input = new StreamReader(new AnonymousPipeClientStream(PipeDirection.In, commands.ClientSafePipeHandle));
        await using var output = new StreamWriter(new AnonymousPipeClientStream(PipeDirection.Out, answers.ClientSafePipeHandle)) { AutoFlush = true };
        await using var ask = new StreamWriter(commands) { AutoFlush = true };
        using var told = new StreamReader(answers);
        var file = Path.GetTempFileName();
        var running = new SubscriberSet([PortOf(first), PortOf(second)], 3, 2, 1).RunAsync(input, output, file, CancellationToken.None);
        using var a = await AcceptAsync(first, "f001/m0001");
        using var b = await AcceptAsync(second, "f001/m0002");
        using var c = await AcceptAsync(first, "f001/m0001");
        foreach (var socket in new[] { a, b, c })
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(Head));
        }
        Assert.Equal(SubscriberSet.Begun, await told.ReadLineAsync());

        await b.SendAsync(Encoding.ASCII.GetBytes(Twin + Twin));
        EventCounts counts;
        do
        {
            await ask.WriteLineAsync(SubscriberSet.Count);
            counts = JsonSerializer.Deserialize<EventCounts>((await told.ReadLineAsync())!)!;
        }
        while (counts.Events < 2);
        Assert.Equal(new EventCounts(2, 0, 0, 0, (3 * Head.Length) + (2 * Twin.Length)), counts);
        await ask.DisposeAsync();
        await running;

        Assert.Equal(2, SubscriberSet.Read(file).Length);
        File.Delete(file);
    }

    [Fact]
    public async Task A_stream_that_ends_ends_all_with_what_the_server_said()
    {
        using var server = Listen();
        var running = new SubscriberSet([PortOf(server)], 1, 0, 1).RunAsync(TextReader.Null, TextWriter.Null, "/dev/null", CancellationToken.None);
        using (var socket = await server.AcceptSocketAsync())
        {
            // What is not read when a connection is closed breaks it.
            Assert.NotEqual(0, await socket.ReceiveAsync(new byte[1024]));
            await socket.SendAsync("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"detail\":\"stopping\"}"u8.ToArray());
        }

        var fault = await Assert.ThrowsAsync<BenchException>(() => running);
        Assert.Contains("stopping", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5, 0, 5)]
    [InlineData(0, 5, 2, 3)]
    [InlineData(1, 5, 2, 2)]
    [InlineData(7, 5, 100, 0)]
    public void So_many_watch_a_machine(int machine, int count, int machines, int watchers) =>
        Assert.Equal(watchers, SubscriberSet.WatchersOf(machine, count, machines));

    private static async Task<Socket> AcceptAsync(TcpListener listener, string path)
    {
        var socket = await listener.AcceptSocketAsync();
        var buffer = new byte[1024];
        var request = Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
        Assert.StartsWith($"GET /api/live?path={path} HTTP/1.0\r\n", request, StringComparison.Ordinal);
        return socket;
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
