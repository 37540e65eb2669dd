using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SensorGrid.Bench.Live;

/// <summary>One stream of live updates.</summary>
/// <param name="path">What is watched; null for everything.</param>
internal sealed class Subscriber(int port, string? path, EventScanner scanner)
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Reads until it is cancelled.</summary>
    /// <exception cref="BenchException">The server refused the stream or ended it.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stop);
            // HTTP/1.0: the answer comes as it is, without the lengths of its pieces in between.
            var query = path is null ? "" : $"?path={path}";
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/live{query} HTTP/1.0\r\nHost: localhost\r\n\r\n"), stop);
            await ReadAsync(socket, stop);
        }
        catch (SocketException e)
        {
            throw new BenchException($"a stream of port {port} broke: {e.Message}", e);
        }
    }

    private async Task ReadAsync(Socket socket, CancellationToken stop)
    {
        var buffer = new byte[BufferBytes];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length);
            }
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            if (received == 0)
            {
                throw new BenchException($"a stream of port {port} ended: {Encoding.UTF8.GetString(buffer, 0, length)}");
            }
            length += received;
            var read = scanner.Read(buffer.AsSpan(0, length), Stopwatch.GetTimestamp());
            buffer.AsSpan(read, length - read).CopyTo(buffer);
            length -= read;
        }
    }
}
