using System.Diagnostics;
using System.Net.Sockets;
using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Cluster;

/// <summary>Sends requests one after the other, as a client of a cluster does: what one silo does not take for now goes to the next one.</summary>
/// <param name="requests">Without end; goes on where it was with every run.</param>
internal sealed class RetryingSource(IEnumerator<WriteRequest> requests)
{
    private static readonly TimeSpan TryFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly List<RetriedWrite> _writes = [];
    private long _acknowledged;

    /// <summary>Readings of all requests so far; each was answered with success in the end. Any thread.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The writes of the last run.</summary>
    public IReadOnlyList<RetriedWrite> Writes => _writes;

    /// <summary>Sends until it is to stop and the request under way is answered with success.</summary>
    /// <param name="ports">Of all silos, the one to begin with first.</param>
    /// <exception cref="BenchException">A silo refused a request.</exception>
    public void Run(IReadOnlyList<int> ports, CancellationToken stop, CancellationToken cancellation)
    {
        _writes.Clear();
        WriteConnection? connection = null;
        try
        {
            var at = 0;
            while (!stop.IsCancellationRequested && requests.MoveNext())
            {
                var (began, tries) = (Stopwatch.GetTimestamp(), 1);
                while (!Try(ports, ref at, ref connection, cancellation))
                {
                    tries++;
                }
                _writes.Add(new RetriedWrite(Stopwatch.GetElapsedTime(began), tries));
                Volatile.Write(ref _acknowledged, _acknowledged + requests.Current.Lines);
            }
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private bool Try(IReadOnlyList<int> ports, ref int at, ref WriteConnection? connection, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var wait = RetryAfter;
        try
        {
            connection ??= new WriteConnection(ports[at], TryFor);
            var answer = connection.Exchange(requests.Current.Bytes);
            if (answer.IsSuccess)
            {
                return true;
            }
            if (!answer.IsBusy)
            {
                throw new BenchException($"a silo refused a request of {requests.Current.Lines} lines: {answer.Text}");
            }
            if (answer.Status == 429)
            {
                // All are to slow down.
                wait = TimeSpan.FromSeconds(answer.RetryAfter);
            }
        }
        catch (SocketException)
        {
            // It is gone, or stands still.
        }
        connection?.Dispose();
        connection = null;
        at = (at + 1) % ports.Count;
        cancellation.WaitHandle.WaitOne(wait);
        return false;
    }
}
