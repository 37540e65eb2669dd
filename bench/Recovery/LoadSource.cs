using System.Net.Sockets;
using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Recovery;

/// <summary>Sends requests one after the other until the server is gone.</summary>
internal sealed class LoadSource(IEnumerable<WriteRequest> requests)
{
    private long _acknowledged;

    /// <summary>Readings of the requests that were answered with success. Any thread.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Readings of the request that was under way at the end: the server may have them or not.</summary>
    public long InDoubt { get; private set; }

    /// <exception cref="BenchException">The server refused a request.</exception>
    public void Run(int port, CancellationToken cancellation)
    {
        var sender = new LineSender(port, cancellation);
        WriteConnection? connection = null;
        try
        {
            foreach (var request in requests)
            {
                InDoubt = request.Lines;
                connection = sender.Send(request, connection);
                InDoubt = 0;
                Volatile.Write(ref _acknowledged, _acknowledged + request.Lines);
                cancellation.ThrowIfCancellationRequested();
            }
        }
        catch (SocketException)
        {
            // It is gone.
        }
        finally
        {
            connection?.Dispose();
        }
    }
}
