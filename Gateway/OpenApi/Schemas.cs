using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using SensorGrid.Gateway.Answers;

namespace SensorGrid.Gateway.OpenApi;

/// <summary>The shapes of the answers and bodies. A test holds every answer against them.</summary>
internal sealed class Schemas(OpenApiDocument document)
{
    private static OpenApiSchema Text => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Integer => new() { Type = JsonSchemaType.Integer, Format = "int64" };

    private static OpenApiSchema NumberOrNull => new() { Type = JsonSchemaType.Number | JsonSchemaType.Null, Format = "double" };

    private static OpenApiSchema Time => new() { Type = JsonSchemaType.String, Format = "date-time" };

    private static OpenApiSchema TimeOrNull => new() { Type = JsonSchemaType.String | JsonSchemaType.Null, Format = "date-time" };

    private static OpenApiSchema True => new() { Type = JsonSchemaType.Boolean };

    public void AddAll()
    {
        AddReadings();
        AddTwins();
        AddLists();
        AddReplays();
        AddService();
    }

    private void AddReadings()
    {
        Add("WriteCounts", Counts());
        Add("WriteError", [("line", Integer), ("reason", Text)]);
        Add("ReadingsBody", Array("ReadingIn"));
        var readingIn = Object(
            [
                ("path", Text), ("factory", Text), ("machine", Text), ("sensor", Text),
                ("value", new OpenApiSchema { Type = JsonSchemaType.Number | JsonSchemaType.Boolean }),
                ("time", new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer }), ("quality", OneOf(Words.Qualities)),
            ],
            optional: ["path", "factory", "machine", "sensor", "time", "quality"]);
        readingIn.AnyOf = [Requires("path"), Requires("sensor")];
        Add("ReadingIn", readingIn);
        Add("Reading", [("time", Time), ("value", NumberOrNull), ("quality", OneOf(Words.Qualities))]);
        Add("ReadingsAnswer", Object([("path", Text), ("rows", Array("Reading")), ("truncated", True)], optional: ["truncated"]));
        Add("SensorStatistics", [("path", Text), ("window", Text), ("rows", Array("Window"))]);
        Add("PooledStatistics", [("path", Text), ("window", Text), ("kinds", Array("KindStatistics"))]);
        Add("KindStatistics", [("kind", Text), ("sensors", Integer), ("rows", Array("Window"))]);
    }

    private void AddTwins()
    {
        Add("Window",
        [
            ("size", Text), ("start", Time), ("closed", True), ("count", Integer), ("goodCount", Integer), ("sum", NumberOrNull),
            ("mean", NumberOrNull), ("min", NumberOrNull), ("max", NumberOrNull), ("stddev", NumberOrNull), ("first", NumberOrNull),
            ("last", NumberOrNull), ("timeWeightedMean", NumberOrNull), ("p50", NumberOrNull), ("p95", NumberOrNull), ("p99", NumberOrNull),
        ]);
        Add("Flag",
        [
            ("id", Text), ("path", Text), ("detector", Text), ("severity", OneOf(Words.Severities)), ("from", Time), ("to", TimeOrNull),
            ("score", NumberOrNull), ("state", OneOf(Words.States)), ("acknowledged", TimeOrNull), ("backfilled", True),
        ]);
        Add("Counters", [("readings", Integer), ("duplicates", Integer), ("late", Integer), ("corrections", Integer)]);
        Add("KindRollUp", [("kind", Text), ("sensors", Integer), ("windows", Array("Window"))]);
        Add("FactorySummary", [("name", Text), ("machines", Integer), ("sensors", Integer), ("openFlags", Integer)]);
        Add("MachineSummary", [("name", Text), ("sensors", Integer), ("lastTime", TimeOrNull), ("openFlags", Integer)]);
        Add("SensorSummary", [("name", Text), ("kind", Text), ("last", ReadingOrNull()), ("openFlags", Integer)]);
        Add("FactoryTwin",
        [
            ("path", Text), ("machines", Array("MachineSummary")), ("kinds", Array("KindRollUp")), ("flags", Array("Flag")),
            ("counters", Named("Counters")),
        ]);
        Add("MachineTwin",
        [
            ("path", Text), ("lastTime", TimeOrNull), ("sensors", Array("SensorSummary")), ("kinds", Array("KindRollUp")),
            ("flags", Array("Flag")), ("counters", Named("Counters")),
        ]);
        Add("SensorTwin",
        [
            ("path", Text), ("kind", Text), ("last", ReadingOrNull()), ("windows", Array("Window")), ("flags", Array("Flag")),
            ("counters", Named("Counters")),
        ]);
    }

    private void AddLists()
    {
        Add("FactoryList", [("factories", Array("FactorySummary"))]);
        Add("MachineList", [("path", Text), ("machines", Array("MachineSummary"))]);
        Add("SensorList", [("path", Text), ("sensors", Array("SensorSummary"))]);
        Add("FlagList", [("flags", Array("Flag"))]);
        Add("DeadLetter", [("id", Integer), ("time", Time), ("source", Text), ("line", Integer), ("reason", Text), ("raw", Text)]);
        Add("DeadLetterList", [("rows", Array("DeadLetter"))]);
    }

    private void AddReplays()
    {
        Add("ReplayIn", Object(
            [("path", Text), ("from", Text), ("to", Text), ("window", Text), ("rules", new OpenApiSchema { Type = JsonSchemaType.Object })],
            optional: ["window", "rules"]));
        Add("Replay", Object(
            [
                ("id", Text), ("path", Text), ("from", Time), ("to", Time), ("window", new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null }),
                ("rules", OneOf(["live", "given"])), ("state", OneOf(Words.Replays)), ("percent", new OpenApiSchema { Type = JsonSchemaType.Number }),
                ("sensors", Integer), ("sensorsDone", Integer), ("readings", Integer), ("seconds", new OpenApiSchema { Type = JsonSchemaType.Number }),
                ("fault", Text), ("result", Named("ReplayResult")),
            ],
            optional: ["fault", "result"]));
        Add("ReplayResult",
        [
            ("flags", Named("ReplayOutcomes")), ("windows", Object([("rows", Integer), ("truncated", True)])), ("digest", Text),
            ("sameAsLive", Integer), ("unlikeLive", Integer),
        ]);
        Add("ReplayOutcomes", [.. Words.Outcomes.Select(outcome => (outcome, (IOpenApiSchema)Integer)), ("truncated", True)]);
        Add("ReplayList", [("replays", Array("Replay"))]);
        Add("ComparedFlag", [("outcome", OneOf(Words.Outcomes)), ("replayed", OrNull("Flag")), ("live", OrNull("Flag"))]);
        Add("ReplayFlags", [("flags", Array("ComparedFlag")), ("truncated", True)]);
        Add("ReplayedSensor", [("path", Text), ("rows", Array("Window"))]);
        Add("ReplayStatistics", [("window", Text), ("sensors", Array("ReplayedSensor")), ("truncated", True)]);
        Add("RuleError", [("place", Text), ("reason", Text)]);
    }

    private void AddService()
    {
        Add("Root",
        [
            ("name", Text), ("version", Text),
            ("links", new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Text }),
        ]);
        Add("Status", [("status", Text)]);
        Add("Problem", Object(
            [
                ("title", Text), ("status", Integer), ("detail", Text), ("parameter", Text),
                ("allowed", new OpenApiSchema { Type = JsonSchemaType.Array, Items = Text }), .. CountFields(),
                ("errors", Array("WriteError")), ("ruleErrors", Array("RuleError")), ("requestId", Text),
            ],
            optional: ["parameter", "allowed", "accepted", "skipped", "rejected", "errors", "ruleErrors", "requestId"]));
    }

    private static (string Name, IOpenApiSchema Schema)[] CountFields() =>
        [("accepted", Integer), ("skipped", Integer), ("rejected", Integer)];

    private static OpenApiSchema Counts() => Object(CountFields());

    private void Add(string name, (string Name, IOpenApiSchema Schema)[] fields) => Add(name, Object(fields));

    private void Add(string name, OpenApiSchema schema) => document.AddComponent(name, schema);

    private static OpenApiSchema Object((string Name, IOpenApiSchema Schema)[] fields, params string[] optional) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = fields.ToDictionary(field => field.Name, field => field.Schema, StringComparer.Ordinal),
        Required = fields.Select(field => field.Name).Except(optional, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal),
    };

    private static OpenApiSchema Requires(string field) => new() { Required = new HashSet<string>(StringComparer.Ordinal) { field } };

    private OpenApiSchema Array(string item) => new() { Type = JsonSchemaType.Array, Items = Named(item) };

    private OpenApiSchemaReference Named(string name) => new(name, document);

    private OpenApiSchema ReadingOrNull() => OrNull("Reading");

    private OpenApiSchema OrNull(string name) => new() { OneOf = [Named(name), new OpenApiSchema { Type = JsonSchemaType.Null }] };

    private static OpenApiSchema OneOf(string[] words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))] };
}
