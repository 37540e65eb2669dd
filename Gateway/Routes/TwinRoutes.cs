using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Parameters;

namespace SensorGrid.Gateway.Routes;

/// <summary>The twins of factories, machines and sensors, and the lists of them.</summary>
internal sealed class TwinRoutes(IGrid grid)
{
    public async Task ListFactoriesAsync(HttpContext context)
    {
        var factories = await grid.ListFactoriesAsync(context.RequestAborted);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteStartArray(Names.Factories);
        foreach (var factory in factories)
        {
            json.WriteStartObject();
            json.WriteString(Names.Name, factory.Name);
            json.WriteNumber(Names.Machines, factory.Machines);
            json.WriteNumber(Names.Sensors, factory.Sensors);
            json.WriteNumber(Names.OpenFlags, factory.OpenFlags);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public async Task GetFactoryAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        var factory = await grid.GetFactoryAsync(path.Factory, context.RequestAborted) ?? throw RequestPath.Unknown(grid, path);
        await TwinJson.WriteFactoryAsync(context, factory);
    }

    public async Task ListMachinesAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        var machines = await grid.ListMachinesAsync(path.Factory, context.RequestAborted) ?? throw RequestPath.Unknown(grid, path);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Path, path.ToString());
        await TwinJson.WriteMachinesAsync(context, json, machines);
        json.WriteEndObject();
    }

    public async Task GetMachineAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        var machine = await grid.GetMachineAsync(path.Factory, path.Machine!, context.RequestAborted) ?? throw RequestPath.Unknown(grid, path);
        await TwinJson.WriteMachineAsync(context, machine);
    }

    public async Task ListSensorsAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        var sensors = await grid.ListSensorsAsync(path.Factory, path.Machine!, context.RequestAborted) ?? throw RequestPath.Unknown(grid, path);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Path, path.ToString());
        await TwinJson.WriteSensorsAsync(context, json, sensors);
        json.WriteEndObject();
    }

    public async Task GetSensorAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        var sensor = await grid.GetSensorAsync(path.Factory, path.Machine!, path.Sensor!, context.RequestAborted)
            ?? throw RequestPath.Unknown(grid, path);
        await TwinJson.WriteSensorAsync(context, sensor);
    }
}
