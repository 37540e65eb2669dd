using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Bodies;
using SensorGrid.Gateway.Metrics;
using SensorGrid.Gateway.OpenApi;
using SensorGrid.Gateway.Routes;

namespace SensorGrid.Gateway;

/// <summary>
/// The HTTP interface of a grid on Kestrel. It reads no configuration, environment or signals of its own, so that nothing but the options
/// decides where it listens and nothing but its owner stops it.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private const int RequestBufferBytes = 256 * 1024;

    /// <summary>The server's own; who takes less than a chunk of a large answer in <see cref="Sending.Patience"/> is cut off by that.</summary>
    private const int MinResponseBytesPerSecond = 240;

    private readonly WebApplication _app;

    /// <param name="logs">Stays the caller's.</param>
    /// <param name="mounts">What else it serves, behind the same guard, error answers and metrics as its own routes.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public GatewayHost(IGrid grid, GatewayOptions options, ILoggerFactory logs, TimeProvider? time = null, IReadOnlyList<GatewayMount>? mounts = null)
    {
        options.Validate();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options, time ?? TimeProvider.System));
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.Services.AddSingleton(grid);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(new ByteBudget(options.BodyBudgetBytes, options.BodyPatience, time ?? TimeProvider.System));
        builder.Services.AddSingleton(new LoopbackGuard(options.Bind));
        builder.Services.AddSingleton<GatewayMeter>();
        builder.Services.AddSingleton(services => new MetricStore(services.GetRequiredService<GatewayMeter>()));
        builder.Services.AddSingleton<BodyPool>();
        builder.Services.AddSingleton<BodyReader>();
        builder.Services.AddSingleton<GatewayPipeline>();
        builder.Services.AddRouting();
        builder.Services.AddGatewayOpenApi(grid);
        _app = builder.Build();
        _app.Use(next =>
        {
            var pipeline = _app.Services.GetRequiredService<GatewayPipeline>();
            return context => pipeline.InvokeAsync(context, next);
        });
        foreach (var mount in mounts ?? [])
        {
            _app.MapWhen(context => context.Request.Path.StartsWithSegments(mount.Path), branch => branch.Run(mount.Serve));
        }
        _app.UseRouting();
        GatewayRoutes.Map(_app);
    }

    /// <summary>Where it listens, once started.</summary>
    public Uri Address
    {
        get
        {
            var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
            return new Uri(addresses?.FirstOrDefault() ?? throw new InvalidOperationException("The gateway is not started."));
        }
    }

    /// <exception cref="IOException">The port is in use.</exception>
    public Task StartAsync(CancellationToken cancellation = default) => _app.StartAsync(cancellation);

    /// <summary>Takes no more requests and waits for those under way.</summary>
    /// <param name="cancellation">Ends the waiting: connections are cut.</param>
    public Task StopAsync(CancellationToken cancellation = default) => _app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Configure(KestrelServerOptions kestrel, GatewayOptions options, TimeProvider time)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Parse(options.Bind), options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => SilentConnections.End(next, time));
        });
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.MinResponseDataRate = new MinDataRate(MinResponseBytesPerSecond, Sending.Patience);
        limits.MaxRequestBufferSize = RequestBufferBytes;
        // BodyReader has the limit: it answers before it hangs up. The server's minimum data rate of requests stays as it is.
        limits.MaxRequestBodySize = null;
    }
}
