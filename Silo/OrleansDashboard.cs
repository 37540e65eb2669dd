using System.Diagnostics;
using Orleans.Dashboard;
using SensorGrid.Gateway;

namespace SensorGrid.Silo;

/// <summary>Orleans' own page on silos and grains. Its parts live in the silo's container, so it has a pipeline of its own within the Gateway's.</summary>
internal static class OrleansDashboard
{
    private const string Path = "/dashboard";

    /// <summary>To be called while the silo is configured.</summary>
    public static void AddTo(ISiloBuilder silo)
    {
        // The trace is an answer without end, of log lines that no grid's user should read: it would keep a stop waiting.
        silo.AddDashboard(options => options.HideTrace = true);
        silo.Services.AddRouting();
        silo.Services.AddSingleton(_ => new DiagnosticListener("SensorGrid.Silo"));
    }

    /// <param name="services">The running silo's.</param>
    public static GatewayMount Mount(IServiceProvider services)
    {
        var app = new ApplicationBuilder(services);
        app.UseRouting();
        app.UseEndpoints(endpoints => endpoints.MapOrleansDashboard(Path));
        var pipeline = app.Build();
        return new GatewayMount(Path, async context =>
        {
            var outer = context.RequestServices;
            await using var scope = services.CreateAsyncScope();
            context.RequestServices = scope.ServiceProvider;
            try
            {
                await pipeline(context);
            }
            finally
            {
                context.RequestServices = outer;
            }
        });
    }
}
