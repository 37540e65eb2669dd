using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using SensorGrid.Gateway.Tests;
using GatewayOptions = SensorGrid.Gateway.GatewayOptions;

namespace SensorGrid.Silo.Tests;

/// <summary>A silo in the test's process with the grains of the tests, on a grid of fixed answers.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    /// <summary>A storage that removes what is cleared.</summary>
    public const string Removing = "removing";

    private readonly ILoggerFactory _loggers;

    public TestSilo(string connectionString, string cluster = "test", string service = "test", Action<ISiloBuilder>? configure = null)
    {
        _loggers = LoggerFactory.Create(logging => logging.AddFilter("Orleans", LogLevel.Warning).AddProvider(Log));
        Options = new SiloOptions { ClusterId = cluster, ServiceId = service, SiloPort = UnusedPort() };
        var orleans = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = "orleans", Pooling = false }.ConnectionString;
        Host = new SiloHost(
            connectionString, Options, new GatewayOptions { Port = 0 }, _ => Grid,
            silo =>
            {
                silo.AddAdoNetGrainStorage(Removing, storage => (storage.Invariant, storage.ConnectionString, storage.DeleteStateOnClear) = ("Npgsql", orleans, true));
                configure?.Invoke(silo);
            },
            (_, _) => Task.CompletedTask, _loggers);
    }

    public LogLines Log { get; } = new();

    public FakeGrid Grid { get; } = new();

    public SiloOptions Options { get; }

    public SiloHost Host { get; }

    public IGrainFactory Grains => Host.Services.GetRequiredService<IGrainFactory>();

    public HttpClient Http => field ??= new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Host.Address };

    public static async Task<TestSilo> StartAsync(string connectionString, string cluster = "test")
    {
        var silo = new TestSilo(connectionString, cluster);
        await silo.Host.StartAsync(CancellationToken.None);
        return silo;
    }

    public static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync(CancellationToken.None);
        await Host.DisposeAsync();
        _loggers.Dispose();
    }
}
