namespace SensorGrid.Bench.Servers;

/// <summary>One server or the silos of a cluster, as those see it who only ask.</summary>
internal interface IServers : IAsyncDisposable
{
    string Name { get; }

    /// <summary>The ports of their HTTP interfaces.</summary>
    IReadOnlyList<int> Ports { get; }

    /// <summary>Returns when every reading that was answered has gone its whole way.</summary>
    Task DrainAsync(CancellationToken cancellation);

    /// <summary>Waits until they do next to nothing; at most half a minute.</summary>
    Task SettleAsync(CancellationToken cancellation);

    /// <summary>All readings that they count as taken in.</summary>
    Task<long> CountAsync(CancellationToken cancellation);

    /// <summary>CPU time of all processes, Postgres included.</summary>
    TimeSpan CpuTime();

    Task StopAsync();
}
