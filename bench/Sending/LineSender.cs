using System.Net.Sockets;

namespace SensorGrid.Bench.Sending;

/// <summary>Sends the requests of one source in their order, one under way at a time; what the server is too busy for is sent again when it says.</summary>
internal sealed class LineSender(int port, CancellationToken cancellation)
{
    public int Retries { get; private set; }

    /// <exception cref="BenchException">The server refused a request or was gone.</exception>
    public void Send(IEnumerable<WriteRequest> requests)
    {
        WriteConnection? connection = null;
        try
        {
            foreach (var request in requests)
            {
                connection = Send(request, connection);
            }
        }
        catch (SocketException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new BenchException($"the connection to the server on port {port} broke: {e.Message}", e);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <summary>Sends one request, again while the server says that it is too busy.</summary>
    /// <param name="connection">That of the request before; null for a new one.</param>
    /// <returns>The connection for the next request.</returns>
    /// <exception cref="BenchException">The server refused it.</exception>
    public WriteConnection Send(WriteRequest request, WriteConnection? connection)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            connection ??= new WriteConnection(port);
            var answer = connection.Exchange(request.Bytes);
            if (answer.IsSuccess)
            {
                return connection;
            }
            connection.Dispose();
            connection = null;
            if (!answer.IsBusy)
            {
                throw new BenchException($"the server refused a request of {request.Lines} lines: {answer.Text}");
            }
            Retries++;
            cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(answer.RetryAfter));
        }
    }
}
