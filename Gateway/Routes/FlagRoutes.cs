using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Parameters;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Routes;

/// <summary>What the detectors raised.</summary>
internal sealed class FlagRoutes(IGrid grid, GatewayOptions options, TimeProvider time)
{
    public async Task GetFlagsAsync(HttpContext context)
    {
        var query = new Query(context.Request);
        var (from, to) = query.OpenSpan(EventTime.FromDateTime(time.GetUtcNow()));
        var limit = query.Integer("limit", options.DefaultRows, 1, options.MaxRows);
        var flags = await grid.GetFlagsAsync(new FlagQuery(from, to, Pattern(query), State(query), limit), context.RequestAborted);
        RetentionHeader.Write(context, from, grid.Info.Retention.Flags);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteStartArray(Names.Flags);
        foreach (var flag in flags)
        {
            TwinJson.WriteFlag(json, flag);
            await json.FlushWhenLargeAsync(context);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public Task AcknowledgeAsync(HttpContext context) => ChangeAsync(context, AlarmAction.Acknowledge);

    public Task ShelveAsync(HttpContext context) => ChangeAsync(context, AlarmAction.Shelve);

    public Task ClearAsync(HttpContext context) => ChangeAsync(context, AlarmAction.Clear);

    private async Task ChangeAsync(HttpContext context, AlarmAction action)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        var (outcome, flag) = await grid.ChangeAlarmAsync(id, action, context.RequestAborted);
        switch (outcome)
        {
            case AlarmOutcome.UnknownFlag:
                throw new RequestException(new Problem(404, $"There is no flag '{id}': GET /api/flags lists those there are.") { Parameter = "id" });
            case AlarmOutcome.NotAllowed:
                throw new RequestException(new Problem(409, $"The flag is {Words.States[(int)flag!.State]}, which does not allow this."));
        }
        await using var json = JsonAnswer.Start(context);
        TwinJson.WriteFlag(json, flag!);
    }

    private static AlarmState? State(Query query)
    {
        var value = query.Text("state");
        var index = Array.IndexOf(Words.States, value);
        return value is null ? null
            : index >= 0 ? (AlarmState)index
            : throw RequestException.BadParameter("state", $"state is '{value}', which is none of those allowed.", Words.States);
    }

    /// <summary>The parameter <c>path</c>; null where there is none.</summary>
    public static string? Pattern(Query query)
    {
        var pattern = query.Text("path");
        if (pattern is null)
        {
            return null;
        }
        var parts = pattern.Split('/');
        return parts.Length <= 3 && Array.TrueForAll(parts, part => PathPart.IsValid(part.Replace('*', '_'))) ? pattern
            : throw RequestException.BadParameter(
                "path",
                $"path is '{pattern}': it must be factory, factory/machine or factory/machine/sensor, * for any characters of a part.");
    }
}
