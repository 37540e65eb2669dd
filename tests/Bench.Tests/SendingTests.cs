using System.Net;
using System.Net.Sockets;
using System.Text;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Tests;

public sealed class SendingTests
{
    private const string Done = "HTTP/1.1 204 No Content\r\n\r\n";

    [Fact]
    public async Task Sends_every_request_in_order_on_one_connection()
    {
        using var stub = new StubServer([[Done, Done, Done]]);
        var requests = Requests(3);
        var sender = new LineSender(stub.Port, CancellationToken.None);
        await Task.Run(() => sender.Send(requests));
        Assert.Equal(string.Concat(requests.Select(request => Encoding.ASCII.GetString(request.Bytes))), await stub.ReceivedAsync());
        Assert.Equal(0, sender.Retries);
    }

    [Fact]
    public async Task Sends_again_what_a_busy_server_did_not_take()
    {
        const string Busy = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}";
        using var stub = new StubServer([[Done, Busy], [Done]]);
        var requests = Requests(2);
        var sender = new LineSender(stub.Port, CancellationToken.None);
        await Task.Run(() => sender.Send(requests));
        var (first, second) = (Encoding.ASCII.GetString(requests[0].Bytes), Encoding.ASCII.GetString(requests[1].Bytes));
        Assert.Equal(first + second + second, await stub.ReceivedAsync());
        Assert.Equal(1, sender.Retries);
    }

    [Fact]
    public async Task A_refusal_ends_it_with_the_servers_words()
    {
        using var stub = new StubServer([["HTTP/1.1 400 Bad Request\r\nContent-Length: 8\r\n\r\nbad line"]]);
        var sender = new LineSender(stub.Port, CancellationToken.None);
        var e = await Assert.ThrowsAsync<BenchException>(() => Task.Run(() => sender.Send(Requests(1))));
        Assert.Contains("bad line", e.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<WriteRequest> Requests(int count) =>
        new PayloadGenerator(new PlantLayout(4), new PlantSignal(4, 1), 1_700_000_000_000, 1, 4).Next(count).Sources[0];

    /// <summary>Takes connections one after the other and gives the answers that it was told, one a request.</summary>
    private sealed class StubServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task<string> _received;

        public StubServer(string[][] answers)
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _received = Task.Run(() => string.Concat(answers.Select(Serve)));
        }

        public int Port { get; }

        public Task<string> ReceivedAsync() => _received;

        public void Dispose() => _listener.Dispose();

        private string Serve(string[] answers)
        {
            using var socket = _listener.AcceptSocket();
            var all = "";
            foreach (var answer in answers)
            {
                all += ReadRequest(socket);
                socket.Send(Encoding.ASCII.GetBytes(answer));
            }
            return all;
        }

        private static string ReadRequest(Socket socket)
        {
            var text = "";
            var buffer = new byte[4096];
            while (true)
            {
                var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (head >= 0 && text.Length == head + 4 + int.Parse(text.Split("Content-Length: ")[1].Split('\r')[0]))
                {
                    return text;
                }
                text += Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
            }
        }
    }
}
