using Microsoft.OpenApi;
using SensorGrid.Gateway.Answers;

namespace SensorGrid.Gateway.OpenApi;

/// <summary>What the OpenAPI document says about the routes of replays.</summary>
internal static class ReplayDocs
{
    public const string Group = "replays";

    private const string Example =
        """{"path":"plant1/press3/*","from":"2026-01-31T12:00:00Z","to":"2026-01-31T13:00:00Z","window":"1m","rules":{"rules":[{"kind":"temperature","limits":{"h":80}}]}}""";

    private static readonly (int Status, string Meaning) Unknown = (404, "There is no such replay, or no longer.");
    private static readonly (int Status, string Meaning) NotAcceptable = (406, "The Accept header allows neither JSON nor CSV.");
    private static readonly (int Status, string Meaning) NotDone = (409, "It is not done, has failed, or was asked for no statistics.");

    public static readonly RouteDoc Start = new("startReplay", Group, "Run a span of history through fresh twins")
    {
        Body = new("What to replay; times may also be `now` or such as `-1h`.", (JsonAnswer.MediaType, "ReplayIn", Example)),
        Answers =
        [
            new(202, "It runs, or waits for its turn.", "Replay") { Headers = [new("Location", "Where to ask for it.", JsonSchemaType.String)] },
        ],
        Problems =
        [
            (400, "`parameter` names the member that is wrong; `from` too where the span has no readings or retention has cut it; rules with errors have `ruleErrors`."),
            (404, "The path is unknown."),
            (413, "The body is too large."),
            (415, "The Content-Encoding is none of those allowed."),
            (429, "As many replays as there may be run or wait; Retry-After says when to ask again."),
            (500, "The history of the span is known to be damaged; `detail` names the sensor and the span."),
            (503, "The store does not answer; Retry-After says when to ask again."),
        ],
    };

    public static readonly RouteDoc List = new("listReplays", Group, "The replays that are not forgotten, oldest first")
    {
        Answers = [new(200, "The replays.", "ReplayList")],
    };

    public static readonly RouteDoc Get = new("getReplay", Group, "How far a replay is, and what it came to")
    {
        Answers = [new(200, "The replay; `result` once it is done.", "Replay")],
        Problems = [Unknown],
    };

    public static readonly RouteDoc Flags = new("getReplayFlags", Group, "A replay's flags beside the live ones, oldest beginning first")
    {
        Answers = [new(200, "The flags.", "ReplayFlags", AnswerFormat.Csv)],
        Problems = [Unknown, NotAcceptable, NotDone],
    };

    public static readonly RouteDoc Statistics = new("getReplayStatistics", Group, "A replay's window statistics, sensor by sensor")
    {
        Answers = [new(200, "The windows that have readings.", "ReplayStatistics", AnswerFormat.Csv)],
        Problems = [Unknown, NotAcceptable, NotDone],
    };

    public static readonly RouteDoc Remove = new("deleteReplay", Group, "Cancel a replay, if it has not ended, and forget it")
    {
        Answers = [new(204, "It is gone.")],
        Problems = [Unknown],
    };
}
