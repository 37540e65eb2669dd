using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Sending;

/// <summary>A thread and a connection for each source.</summary>
internal static class Senders
{
    /// <summary>Returns when every request is answered.</summary>
    /// <param name="ports">Of one server, or of several that the sources are dealt out to.</param>
    /// <returns>How often a server asked to send again later.</returns>
    public static async Task<int> SendAsync(Payload payload, IReadOnlyList<int> ports, CancellationToken cancellation)
    {
        var senders = payload.Sources.Select((_, source) => new LineSender(ports[source % ports.Count], cancellation)).ToArray();
        await Task.WhenAll(payload.Sources.Select((requests, source) =>
            Task.Factory.StartNew(() => senders[source].Send(requests), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return senders.Sum(sender => sender.Retries);
    }
}
