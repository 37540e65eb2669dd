using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SensorGrid.Bench.Sending;

/// <summary>
/// A keep-alive connection that writes ready-made requests and reads no more of an answer than it must, so that sending costs next to nothing beside
/// serving. Blocks its thread; disposing it from another thread ends a call under way.
/// </summary>
internal sealed class WriteConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[16 * 1024];

    /// <param name="patience">For every piece sent and received; null for as long as it takes.</param>
    public WriteConnection(int port, TimeSpan? patience = null)
    {
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)(patience ?? TimeSpan.Zero).TotalMilliseconds;
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>Sends a request and waits for its answer. After anything but a success the connection is of no more use.</summary>
    /// <exception cref="SocketException">The connection broke, ended before the answer did, or took too long.</exception>
    /// <exception cref="BenchException">The answer is no HTTP.</exception>
    public WriteAnswer Exchange(ReadOnlySpan<byte> request)
    {
        try
        {
            Send(request);
        }
        catch (SocketException) when (_socket.Available > 0)
        {
            // It answered without reading all: a refusal, which says why.
        }
        return Receive();
    }

    public void Dispose() => _socket.Dispose();

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    private WriteAnswer Receive()
    {
        var length = 0;
        while (true)
        {
            var received = length < _answer.Length ? _socket.Receive(_answer.AsSpan(length)) : 0;
            length += received;
            var text = _answer.AsSpan(0, length);
            var head = text.IndexOf("\r\n\r\n"u8);
            if (head >= 0)
            {
                var status = Status(text);
                var isWhole = status == 204 || length - head - 4 >= Number(text[..head], "content-length:");
                if (isWhole || received == 0 || status >= 300)
                {
                    return Answer(status, text, head);
                }
            }
            else if (received == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    private static WriteAnswer Answer(int status, ReadOnlySpan<byte> text, int head) =>
        status is 200 or 204 ? new(status, 0, "") : new(status, Number(text[..head], "retry-after:"), Encoding.UTF8.GetString(text));

    private static int Status(ReadOnlySpan<byte> text) =>
        text.StartsWith("HTTP/1.1 "u8) && int.TryParse(text.Slice(9, 3), out var status) ? status
            : throw new BenchException($"the server answered {Encoding.UTF8.GetString(text)}");

    private static int Number(ReadOnlySpan<byte> head, string name)
    {
        foreach (var line in Encoding.ASCII.GetString(head).Split("\r\n"))
        {
            if (line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && int.TryParse(line.AsSpan(name.Length), out var number))
            {
                return number;
            }
        }
        return 0;
    }
}
