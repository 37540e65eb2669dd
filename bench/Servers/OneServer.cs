namespace SensorGrid.Bench.Servers;

/// <summary>A server by itself.</summary>
internal sealed class OneServer(ServerUnderTest server) : IServers
{
    public string Name => server.Name;

    public IReadOnlyList<int> Ports => [server.Port];

    public Task DrainAsync(CancellationToken cancellation) => server.DrainAsync(cancellation);

    public Task SettleAsync(CancellationToken cancellation) => server.SettleAsync(cancellation);

    public Task<long> CountAsync(CancellationToken cancellation) => server.CountAsync(cancellation);

    public TimeSpan CpuTime() => server.Tree.CpuTime();

    public Task StartAsync(CancellationToken cancellation) => server.StartAsync(cancellation);

    public Task StopAsync() => server.StopAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
