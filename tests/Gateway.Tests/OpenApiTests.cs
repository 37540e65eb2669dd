using System.Text.Json;

namespace SensorGrid.Gateway.Tests;

public sealed class OpenApiTests
{
    private const string Refresh = "SENSORGRID_TEST_REFRESH_OPENAPI";

    [Fact]
    public async Task TheCommittedDocumentIsTheServedOne()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, served) = await gateway.GetAsync("/openapi/v1.json");
        // The version is the grid's, not the interface's.
        served = served.Replace("\"version\": \"1.2.3\"", "\"version\": \"0\"", StringComparison.Ordinal).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var file = Path.Combine(Repository(), "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable(Refresh) == "1")
        {
            await File.WriteAllTextAsync(file, served);
        }
        Assert.True(File.Exists(file), $"docs/openapi.json is missing: run this test once with {Refresh}=1.");
        Assert.True(
            await File.ReadAllTextAsync(file) == served,
            $"docs/openapi.json is not what is served at /openapi/v1.json. If the change is meant, run this test once with {Refresh}=1 and commit the file.");
    }

    [Fact]
    public async Task AReadingHasAPathOrASensor()
    {
        await using var gateway = await TestGateway.StartAsync();
        var reading = JsonDocument.Parse((await gateway.GetAsync("/openapi/v1.json")).Text).RootElement
            .GetProperty("components").GetProperty("schemas").GetProperty("ReadingIn");
        Assert.Equal(["value"], reading.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(
            ["path", "sensor"],
            reading.GetProperty("anyOf").EnumerateArray().Select(way => way.GetProperty("required").EnumerateArray().Single().GetString()));
        Assert.Equal(
            ["factory", "machine", "path", "quality", "sensor", "time", "value"],
            reading.GetProperty("properties").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EveryRouteIsThereWithItsParametersBodiesAndProblems()
    {
        await using var gateway = await TestGateway.StartAsync();
        var document = JsonDocument.Parse((await gateway.GetAsync("/openapi/v1.json")).Text).RootElement;
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Key: $"{operation.Name} {path.Name}", operation.Value)))
            .ToDictionary(operation => operation.Key, operation => operation.Value);
        Assert.Equal(
            [
                "delete /api/replays/{id}", "get /", "get /api/dead-letters", "get /api/factories", "get /api/factories/{factory}", "get /api/factories/{factory}/machines",
                "get /api/factories/{factory}/machines/{machine}", "get /api/factories/{factory}/machines/{machine}/sensors",
                "get /api/factories/{factory}/machines/{machine}/sensors/{sensor}",
                "get /api/factories/{factory}/machines/{machine}/sensors/{sensor}/readings",
                "get /api/factories/{factory}/machines/{machine}/sensors/{sensor}/stats", "get /api/factories/{factory}/machines/{machine}/stats",
                "get /api/factories/{factory}/stats", "get /api/flags", "get /api/live", "get /api/replays", "get /api/replays/{id}", "get /api/replays/{id}/flags",
                "get /api/replays/{id}/stats", "get /health/live", "get /health/ready", "get /metrics",
                "post /api/flags/{id}/ack", "post /api/flags/{id}/clear", "post /api/flags/{id}/shelve", "post /api/readings", "post /api/replays", "post /api/v2/write", "post /write",
            ],
            operations.Keys.Order(StringComparer.Ordinal));
        var ids = operations.Values.Select(operation => operation.GetProperty("operationId").GetString()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(operations, operation => Assert.Equal(
            operation.Key.Split('{').Skip(1).Select(part => part.Split('}')[0]), Parameters(operation.Value, "path")));
        Assert.Equal(["from", "to", "limit"], Parameters(operations.Single(operation => operation.Key.EndsWith("/readings", StringComparison.Ordinal) && operation.Key.StartsWith("get", StringComparison.Ordinal)).Value, "query"));
        var write = operations["post /api/readings"];
        Assert.Equal(
            ["application/json", "application/x-ndjson", "text/csv"],
            write.GetProperty("requestBody").GetProperty("content").EnumerateObject().Select(type => type.Name));
        Assert.Equal(
            ["200", "400", "413", "415", "429", "503", "default"],
            write.GetProperty("responses").EnumerateObject().Select(answer => answer.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task HeadersOfAnswersAreThere()
    {
        await using var gateway = await TestGateway.StartAsync();
        var paths = JsonDocument.Parse((await gateway.GetAsync("/openapi/v1.json")).Text).RootElement.GetProperty("paths");
        var headers = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().SelectMany(operation =>
            operation.Value.GetProperty("responses").EnumerateObject().Where(answer => answer.Value.TryGetProperty("headers", out _)).SelectMany(answer =>
                answer.Value.GetProperty("headers").EnumerateObject().Select(header => $"{operation.Name} {path.Name.Split('/')[^1]} {answer.Name} {header.Name}"))))
            .Where(header => !header.EndsWith("Retry-After", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "get flags 200 SensorGrid-Retention-Start", "get readings 200 SensorGrid-Retention-Start", "get stats 200 SensorGrid-Retention-Start",
                "post replays 202 Location", "post write 204 SensorGrid-Accepted", "post write 204 SensorGrid-Skipped",
            ],
            headers);
    }

    [Fact]
    public async Task EveryReferenceResolves()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.GetAsync("/openapi/v1.json");
        var schemas = JsonDocument.Parse(text).RootElement.GetProperty("components").GetProperty("schemas");
        var references = text.Split("\"#/components/schemas/").Skip(1).Select(rest => rest.Split('"')[0]).Distinct().ToList();
        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.True(schemas.TryGetProperty(name, out _), name));
    }

    private static List<string?> Parameters(JsonElement operation, string place) => !operation.TryGetProperty("parameters", out var all) ? [] :
    [
        .. all.EnumerateArray().Where(one => one.GetProperty("in").GetString() == place).Select(one => one.GetProperty("name").GetString()),
    ];

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SensorGrid.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("SensorGrid.sln is in none of the folders above the tests.");
        }
        return folder.FullName;
    }
}
