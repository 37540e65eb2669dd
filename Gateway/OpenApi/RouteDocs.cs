using Microsoft.OpenApi;
using SensorGrid.Core.Readings;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Metrics;
using SensorGrid.Gateway.Parameters;
using SensorGrid.Gateway.Routes;

namespace SensorGrid.Gateway.OpenApi;

/// <summary>What the OpenAPI document says about each route.</summary>
internal static class RouteDocs
{
    private const string WriteGroup = "write";
    private const string TwinGroup = "twins";
    private const string QueryGroup = "queries";
    private const string ServiceGroup = "service";

    private const string ExampleReading =
        """{"factory":"plant1","machine":"press3","sensor":"temperature","time":"2026-01-31T12:34:56.5Z","value":81.25}""";

    public static readonly string[] Groups = [WriteGroup, TwinGroup, QueryGroup, ReplayDocs.Group, ServiceGroup];

    private static readonly (int Status, string Meaning) BadRequest =
        (400, "A parameter or a part of the path is wrong; `parameter` names it.");
    private static readonly (int Status, string Meaning) Unknown = (404, "The grid does not know the path; `parameter` names the part.");
    private static readonly (int Status, string Meaning) NotAcceptable = (406, "The Accept header allows neither JSON nor CSV.");
    private static readonly (int Status, string Meaning) Unavailable =
        (503, "The store does not answer; Retry-After says when to ask again.");

    private static readonly (int Status, string Meaning) Damaged =
        (500, "A part of the history that the answer needs is damaged; `detail` names the sensor and the span.");

    private static readonly (int Status, string Meaning) Busy =
        (429, "As many queries as may at one time are running; Retry-After says when to ask again.");

    private static readonly (int Status, string Meaning)[] WriteProblems =
    [
        (400, "Bad entries, which are named while the good ones are kept; or a bad parameter or bad gzip, and nothing is kept."),
        (413, "The body is too large, packed or unpacked; nothing is kept."),
        (415, "The Content-Encoding, or for /api/readings the Content-Type, is none of those allowed; nothing is kept."),
        (429, "Too much is under way; nothing is kept; Retry-After says when to send again."),
        (503, "The store does not answer; Retry-After says when to send the whole body again, which is safe."),
    ];

    private static readonly HeaderDoc[] WriteHeaders =
    [
        new("SensorGrid-Accepted", "How many readings were kept.", JsonSchemaType.Integer),
        new("SensorGrid-Skipped", "How many fields of text were left out.", JsonSchemaType.Integer),
    ];

    private static readonly HeaderDoc RetentionStart = new(
        RetentionHeader.Name, "Only where retention has cut the beginning of the span: from when on the answer is whole.", JsonSchemaType.String, "date-time");

    private static readonly ParameterDoc[] WriteQuery =
    [
        new("precision", "The unit of numbers that stand for times; n and u are ns and us.", Allowed: ["ns", "us", "ms", "s", "n", "u"]),
        new("factory", "The factory of readings that name none."),
        new("machine", "The machine of readings that name none."),
    ];

    private static readonly ParameterDoc[] Span =
    [
        new("from", $"The beginning of the span, included: {TimePoint.Form}. Default: an hour before its end."),
        new("to", $"The end of the span, left out: {TimePoint.Form}. Default: now, with what came from clocks that are ahead."),
    ];

    private static readonly ParameterDoc Limit = new("limit", "At most so many, the newest.", JsonSchemaType.Integer);

    private static readonly ParameterDoc Window = new("window", $"A configured window size: {Duration.Form}. Default: 1m.");

    public static readonly RouteDoc WriteReadings = new("writeReadings", WriteGroup, "Write readings as JSON, NDJSON or CSV")
    {
        Query =
        [
            .. WriteQuery,
            new("sensor", "CSV: the sensor of a file of one sensor."),
            new("start", $"CSV without a time column: the time of the file's first row, {Rfc3339.Form}."),
            new("step", $"CSV without a time column: the time from row to row, {Duration.Form}."),
            new(
                "firstRow",
                "CSV sent in pieces, the header repeated: how many rows of the file came before this piece.",
                JsonSchemaType.Integer),
            new("timeColumn", "CSV: the name of the time column, where it is not one of the usual ones."),
        ],
        Body = new(
            "Readings, plain or gzip.",
            (JsonAnswer.MediaType, "ReadingsBody", $"[{ExampleReading}]"),
            ("application/x-ndjson", null, ExampleReading),
            (AnswerFormat.Csv, null, "time,temperature,vibration\n2026-01-31T12:34:56.5Z,81.25,0.31\n")),
        Answers = [new(200, "Everything is durable.", "WriteCounts")],
        Problems = WriteProblems,
    };

    public static readonly RouteDoc Factories = Twin("listFactories", "All factories", "FactoryList") with { Problems = [Unavailable] };

    public static readonly RouteDoc Factory = Twin("getFactory", "A factory's twin", "FactoryTwin");

    public static readonly RouteDoc Machines = Twin("listMachines", "A factory's machines", "MachineList");

    public static readonly RouteDoc Machine = Twin("getMachine", "A machine's twin", "MachineTwin");

    public static readonly RouteDoc Sensors = Twin("listSensors", "A machine's sensors", "SensorList");

    public static readonly RouteDoc Sensor = Twin("getSensor", "A sensor's twin", "SensorTwin") with { Problems = [BadRequest, Unknown, Busy, Unavailable] };

    public static readonly RouteDoc Readings = new("getReadings", QueryGroup, "A sensor's readings in a span, oldest first")
    {
        Query = [.. Span, Limit with { Meaning = "At most so many, the oldest; `truncated` says that there are more." }],
        Answers = [new(200, "The readings, streamed.", "ReadingsAnswer", AnswerFormat.Csv) { Headers = [RetentionStart] }],
        Problems = [BadRequest, Unknown, NotAcceptable, Busy, Damaged, Unavailable],
    };

    public static readonly RouteDoc SensorStatistics = Statistics(
        "getSensorStatistics", "A sensor's window statistics", "SensorStatistics");

    public static readonly RouteDoc Flags = new("getFlags", QueryGroup, "Flags, newest beginning first")
    {
        Query =
        [
            new("from", $"Flags that end before this are left out: {TimePoint.Form}."),
            new("to", $"Flags that begin at or after this are left out: {TimePoint.Form}."),
            new("path", "factory, factory/machine or factory/machine/sensor, where * stands for any characters of a part."),
            new("state", "The alarm state.", Allowed: Words.States),
            Limit,
        ],
        Answers = [new(200, "The flags.", "FlagList") { Headers = [RetentionStart] }],
        Problems = [BadRequest, Busy, Unavailable],
    };

    public static readonly RouteDoc DeadLetters = new("getDeadLetters", QueryGroup, "Refused input, newest first")
    {
        Query = [Limit],
        Answers = [new(200, "The dead letters.", "DeadLetterList")],
        Problems = [BadRequest, Busy, Unavailable],
    };

    public static readonly RouteDoc LiveUpdates = new("watch", QueryGroup, "What happens, as server-sent events")
    {
        Query = [new("path", "factory, factory/machine or factory/machine/sensor, where * stands for any characters of a part.")],
        Answers =
        [
            new(
                200,
                "Events `sensor` (data: a SensorTwin; at first of all sensors, then of each as it changes, at most four times a second), `flag` (data: a Flag that opened, "
                + "changed, ended or was acknowledged, shelved or cleared; at once) and `missed` (changes of flags were lost here: ask for the flags anew).",
                null, LiveRoutes.MediaType),
        ],
        Problems = [BadRequest, (429, "As many streams as there may be are open; Retry-After says when to ask again."), Unavailable],
    };

    public static readonly RouteDoc Root = new("getRoot", ServiceGroup, "Name, version and links")
    {
        Answers = [new(200, "What this is.", "Root")],
    };

    public static readonly RouteDoc Live = new("getLive", ServiceGroup, "Whether the program runs")
    {
        Answers = [new(200, "It does.", "Status")],
    };

    public static readonly RouteDoc Ready = new("getReady", ServiceGroup, "Whether reads and writes are served")
    {
        Answers = [new(200, "They are.", "Status")],
        Problems = [(503, "They are not; `detail` says why.")],
    };

    public static readonly RouteDoc Metrics = new("getMetrics", ServiceGroup, "Metrics in Prometheus' text format")
    {
        Answers = [new(200, "The metrics.", null, PrometheusText.MediaType)],
    };

    public static RouteDoc Write(string id) => new(id, WriteGroup, "Write readings as InfluxDB line protocol")
    {
        Query = id == "write" ? WriteQuery : [.. WriteQuery, new("org", "Ignored."), new("bucket", "Ignored.")],
        Body = new(
            "Lines, plain or gzip; the Content-Type is not looked at. Times are in ns unless `precision` says otherwise.",
            ("text/plain", null, "vibration,factory=plant1,machine=press3 x=0.31,y=0.28 1769862896500000000\n")),
        Answers = [new(204, "Everything is durable.") { Headers = WriteHeaders }],
        Problems = WriteProblems,
    };

    public static RouteDoc PooledStatistics(string level) => Statistics(
        level == "factory" ? "getFactoryStatistics" : "getMachineStatistics",
        $"A {level}'s window statistics, its sensors pooled by kind",
        "PooledStatistics");

    public static RouteDoc Alarm(string id, string summary) => new(id, QueryGroup, summary)
    {
        Answers = [new(200, "The flag as it is now, on disk. A repetition changes nothing.", "Flag")],
        Problems = [(404, "There is no flag of that id."), (409, "The flag's state does not allow it."), Busy, Unavailable],
    };

    private static RouteDoc Statistics(string id, string summary, string schema) => new(id, QueryGroup, summary)
    {
        Query = [.. Span, Window],
        Answers = [new(200, "The windows that overlap the span and have readings, oldest first.", schema, AnswerFormat.Csv) { Headers = [RetentionStart] }],
        Problems = [BadRequest, Unknown, NotAcceptable, Busy, Damaged, Unavailable],
    };

    private static RouteDoc Twin(string id, string summary, string schema) => new(id, TwinGroup, summary)
    {
        Answers = [new(200, "How it is now.", schema)],
        Problems = [BadRequest, Unknown, Unavailable],
    };
}
