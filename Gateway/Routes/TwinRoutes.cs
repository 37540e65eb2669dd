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

    public async Task GetFactoryAsync(HttpContext context) =>
        await TwinJson.WriteFactoryAsync(context, await FactoryAsync(context));

    public async Task ListMachinesAsync(HttpContext context)
    {
        var factory = await FactoryAsync(context);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Path, factory.Path);
        await TwinJson.WriteMachinesAsync(context, json, factory.Machines);
        json.WriteEndObject();
    }

    public async Task GetMachineAsync(HttpContext context) =>
        await TwinJson.WriteMachineAsync(context, await MachineAsync(context));

    public async Task ListSensorsAsync(HttpContext context)
    {
        var machine = await MachineAsync(context);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Path, machine.Path);
        await TwinJson.WriteSensorsAsync(context, json, machine.Sensors);
        json.WriteEndObject();
    }

    public async Task GetSensorAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        var sensor = await grid.GetSensorAsync(path.Factory, path.Machine!, path.Sensor!, context.RequestAborted)
            ?? throw await RequestPath.UnknownAsync(grid, path, context.RequestAborted);
        await TwinJson.WriteSensorAsync(context, sensor);
    }

    private async Task<FactoryView> FactoryAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        return await grid.GetFactoryAsync(path.Factory, context.RequestAborted)
            ?? throw await RequestPath.UnknownAsync(grid, path, context.RequestAborted);
    }

    private async Task<MachineView> MachineAsync(HttpContext context)
    {
        var path = RequestPath.Of(context);
        return await grid.GetMachineAsync(path.Factory, path.Machine!, context.RequestAborted)
            ?? throw await RequestPath.UnknownAsync(grid, path, context.RequestAborted);
    }
}
