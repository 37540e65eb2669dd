using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Bodies;
using SensorGrid.Gateway.Parameters;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Routes;

/// <summary>Replays: started, watched, read and ended.</summary>
internal sealed class ReplayRoutes(IGrid grid, BodyReader bodies, TimeProvider time)
{
    private const string Root = "/api/replays";

    public async Task StartAsync(HttpContext context)
    {
        using var body = await bodies.ReadAsync(context);
        var request = ReplayBody.Parse(body.Bytes, grid.Info.WindowSizes, EventTime.FromDateTime(time.GetUtcNow()));
        ReplayView replay;
        try
        {
            replay = await grid.Replays.StartAsync(request, context.RequestAborted);
        }
        catch (InvalidRulesException invalid)
        {
            throw new RequestException(new Problem(400, "The rules have errors.") { Parameter = "rules", RuleErrors = invalid.Errors });
        }
        catch (ReplayRefusedException refused)
        {
            var isUnknown = refused.Refusal == ReplayRefusal.UnknownPath;
            throw new RequestException(new Problem(isUnknown ? 404 : 400, refused.Message) { Parameter = isUnknown ? "path" : "from" });
        }
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"{Root}/{replay.Id}";
        await WriteAsync(context, replay);
    }

    public async Task ListAsync(HttpContext context)
    {
        var replays = await grid.Replays.ListAsync(context.RequestAborted);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteStartArray("replays");
        foreach (var replay in replays)
        {
            ReplayJson.Write(json, replay);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public async Task GetAsync(HttpContext context) => await WriteAsync(context, await FindAsync(context));

    public async Task GetFlagsAsync(HttpContext context)
    {
        var isCsv = AnswerFormat.WantsCsv(context);
        var (replay, result) = await ResultAsync(context);
        await (isCsv ? ReplayCsv.WriteFlagsAsync(context, result.Flags) : ReplayJson.WriteFlagsAsync(context, replay, result.Flags));
    }

    public async Task GetStatisticsAsync(HttpContext context)
    {
        var isCsv = AnswerFormat.WantsCsv(context);
        var (replay, result) = await ResultAsync(context);
        if (replay.Request.Window is null)
        {
            throw new RequestException(new Problem(409, "The replay was asked for no window: it has no statistics."));
        }
        await (isCsv
            ? StatisticsCsv.WriteAsync(context, result.Statistics.Select(s => (s.Path, s.Rows)), "path,")
            : ReplayJson.WriteStatisticsAsync(context, replay, result.Statistics));
    }

    public async Task RemoveAsync(HttpContext context)
    {
        if (!await grid.Replays.RemoveAsync(Id(context), context.RequestAborted))
        {
            throw Unknown(context);
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task WriteAsync(HttpContext context, ReplayView replay)
    {
        await using var json = JsonAnswer.Start(context);
        ReplayJson.Write(json, replay);
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static RequestException Unknown(HttpContext context) =>
        new(new Problem(404, $"There is no replay '{Id(context)}', or no longer.") { Parameter = "id" });

    private async Task<ReplayView> FindAsync(HttpContext context) =>
        await grid.Replays.FindAsync(Id(context), context.RequestAborted) ?? throw Unknown(context);

    private async Task<(ReplayView Replay, ReplayResult Result)> ResultAsync(HttpContext context)
    {
        var replay = await FindAsync(context);
        if (replay.State == ReplayState.Failed)
        {
            throw new RequestException(new Problem(409, $"The replay failed: {replay.Fault}."));
        }
        return replay.State == ReplayState.Done && await grid.Replays.GetResultAsync(replay.Id, context.RequestAborted) is { } result
            ? (replay, result)
            : throw new RequestException(new Problem(409, $"The replay is not done: it is {Words.Replays[(int)replay.State]}."));
    }
}
