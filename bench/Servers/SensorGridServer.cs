using System.Globalization;
using System.Text.Json;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Servers;

/// <summary>The embedded host with its private Postgres.</summary>
/// <param name="program">The command line that runs the program; <c>up</c> and its options follow.</param>
/// <param name="rulesFile">Null for the default detectors.</param>
/// <param name="postgres">A connection string; null for a private Postgres of its own.</param>
internal sealed class SensorGridServer(string folder, IReadOnlyList<string> program, string? rulesFile = null, string? postgres = null)
    : ServerUnderTest("SensorGrid", folder)
{
    protected override string ReadyPath => "/health/ready";

    public HttpClient Client => Http;

    public override async Task DrainAsync(CancellationToken cancellation)
    {
        while (await MetricAsync("sensorgrid_writes_in_flight_bytes", cancellation) > 0)
        {
            await Task.Delay(5, cancellation);
        }
    }

    public override async Task<long> CountAsync(CancellationToken cancellation)
    {
        long count = 0;
        using var factories = await JsonAsync("/api/factories", cancellation);
        foreach (var factory in factories.RootElement.GetProperty("factories").EnumerateArray())
        {
            using var twin = await JsonAsync($"/api/factories/{factory.GetProperty("name").GetString()}", cancellation);
            count += twin.RootElement.GetProperty("counters").GetProperty("readings").GetInt64();
        }
        return count;
    }

    public override async Task<(long Count, double Sum)> SensorAsync(int sensor, long from, long to, CancellationToken cancellation)
    {
        // Whole windows: the bench's readings are all there are.
        using var statistics = await JsonAsync($"{SensorPath(sensor)}/stats?window=1d&from={Time(from)}&to={Time(to)}", cancellation);
        var rows = statistics.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        return (rows.Sum(row => row.GetProperty("count").GetInt64()), rows.Sum(row => row.GetProperty("sum").GetDouble()));
    }

    public static string SensorPath(int sensor)
    {
        var parts = PlantLayout.Path(sensor).Split('/');
        return $"/api/factories/{parts[0]}/machines/{parts[1]}/sensors/{parts[2]}";
    }

    /// <summary>RFC 3339.</summary>
    public static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    protected override IReadOnlyList<string> Command()
    {
        string[] command = [.. program, "up", "--data", DataFolder, "--port", Port.ToString(CultureInfo.InvariantCulture)];
        command = rulesFile is null ? command : [.. command, "--rules", rulesFile];
        return postgres is null ? command : [.. command, "--postgres", postgres];
    }

    private async Task<JsonDocument> JsonAsync(string path, CancellationToken cancellation)
    {
        using var answer = await Http.GetAsync(path, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text)
            : throw new BenchException($"{Name} answered {(int)answer.StatusCode} to GET {path}: {text}");
    }
}
