using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SensorGrid.Gateway.OpenApi;

namespace SensorGrid.Gateway.Routes;

/// <summary>Every route, what serves it and how it is documented.</summary>
internal static class GatewayRoutes
{
    private const string Machine = "/api/factories/{factory}/machines/{machine}";
    private const string Sensor = Machine + "/sensors/{sensor}";

    private const string Flag = "/api/flags/{id}";

    private const string Replays = "/api/replays";
    private const string Replay = Replays + "/{id}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        MapWrites(routes, ActivatorUtilities.CreateInstance<WriteRoutes>(services));
        MapTwins(routes, ActivatorUtilities.CreateInstance<TwinRoutes>(services));
        MapStatistics(routes, ActivatorUtilities.CreateInstance<StatisticsRoutes>(services));
        Get(routes, Sensor + "/readings", ActivatorUtilities.CreateInstance<ReadingRoutes>(services).GetReadingsAsync, RouteDocs.Readings);
        Get(routes, "/api/live", ActivatorUtilities.CreateInstance<LiveRoutes>(services).GetLiveAsync, RouteDocs.LiveUpdates);
        MapFlags(routes, ActivatorUtilities.CreateInstance<FlagRoutes>(services));
        Get(
            routes,
            "/api/dead-letters",
            ActivatorUtilities.CreateInstance<DeadLetterRoutes>(services).GetDeadLettersAsync,
            RouteDocs.DeadLetters);
        MapReplays(routes, ActivatorUtilities.CreateInstance<ReplayRoutes>(services));
        MapService(routes, ActivatorUtilities.CreateInstance<ServiceRoutes>(services));
        routes.MapOpenApi("/openapi/v1.json");
    }

    private static void MapWrites(IEndpointRouteBuilder routes, WriteRoutes writes)
    {
        Post(routes, "/write", writes.WriteLinesAsync, RouteDocs.Write("write"));
        Post(routes, "/api/v2/write", writes.WriteLinesAsync, RouteDocs.Write("writeV2"));
        Post(routes, "/api/readings", writes.WriteReadingsAsync, RouteDocs.WriteReadings);
    }

    private static void MapTwins(IEndpointRouteBuilder routes, TwinRoutes twins)
    {
        Get(routes, "/api/factories", twins.ListFactoriesAsync, RouteDocs.Factories);
        Get(routes, "/api/factories/{factory}", twins.GetFactoryAsync, RouteDocs.Factory);
        Get(routes, "/api/factories/{factory}/machines", twins.ListMachinesAsync, RouteDocs.Machines);
        Get(routes, Machine, twins.GetMachineAsync, RouteDocs.Machine);
        Get(routes, Machine + "/sensors", twins.ListSensorsAsync, RouteDocs.Sensors);
        Get(routes, Sensor, twins.GetSensorAsync, RouteDocs.Sensor);
    }

    private static void MapStatistics(IEndpointRouteBuilder routes, StatisticsRoutes statistics)
    {
        Get(routes, "/api/factories/{factory}/stats", statistics.GetStatisticsAsync, RouteDocs.PooledStatistics("factory"));
        Get(routes, Machine + "/stats", statistics.GetStatisticsAsync, RouteDocs.PooledStatistics("machine"));
        Get(routes, Sensor + "/stats", statistics.GetStatisticsAsync, RouteDocs.SensorStatistics);
    }

    private static void MapFlags(IEndpointRouteBuilder routes, FlagRoutes flags)
    {
        Get(routes, "/api/flags", flags.GetFlagsAsync, RouteDocs.Flags);
        Post(routes, Flag + "/ack", flags.AcknowledgeAsync, RouteDocs.Alarm("acknowledgeFlag", "Acknowledge a flag"));
        Post(routes, Flag + "/shelve", flags.ShelveAsync, RouteDocs.Alarm("shelveFlag", "Shelve an open flag"));
        Post(routes, Flag + "/clear", flags.ClearAsync, RouteDocs.Alarm("clearFlag", "Clear a flag"));
    }

    private static void MapReplays(IEndpointRouteBuilder routes, ReplayRoutes replays)
    {
        Post(routes, Replays, replays.StartAsync, ReplayDocs.Start);
        Get(routes, Replays, replays.ListAsync, ReplayDocs.List);
        Get(routes, Replay, replays.GetAsync, ReplayDocs.Get);
        Get(routes, Replay + "/flags", replays.GetFlagsAsync, ReplayDocs.Flags);
        Get(routes, Replay + "/stats", replays.GetStatisticsAsync, ReplayDocs.Statistics);
        RequestDelegate remove = replays.RemoveAsync;
        routes.MapDelete(Replay, remove).WithMetadata(ReplayDocs.Remove, remove.Method);
    }

    private static void MapService(IEndpointRouteBuilder routes, ServiceRoutes service)
    {
        Get(routes, "/", service.GetRootAsync, RouteDocs.Root);
        Get(routes, "/health/live", ServiceRoutes.GetLiveAsync, RouteDocs.Live);
        Get(routes, "/health/ready", service.GetReadyAsync, RouteDocs.Ready);
        Get(routes, "/metrics", service.GetMetricsAsync, RouteDocs.Metrics);
    }

    private static void Get(IEndpointRouteBuilder routes, string pattern, RequestDelegate serve, RouteDoc doc) =>
        routes.MapGet(pattern, serve).WithMetadata(doc, serve.Method);

    private static void Post(IEndpointRouteBuilder routes, string pattern, RequestDelegate serve, RouteDoc doc) =>
        routes.MapPost(pattern, serve).WithMetadata(doc, serve.Method);
}
