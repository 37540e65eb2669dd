using System.Globalization;
using System.Text.Json;
using Npgsql;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Servers;

/// <summary>The embedded host with its private Postgres.</summary>
/// <param name="program">The command line that runs the program; <c>up</c> and its options follow.</param>
/// <param name="rulesFile">Null for the default detectors.</param>
/// <param name="postgres">A connection string; null for a private Postgres of its own.</param>
internal class SensorGridServer(string folder, IReadOnlyList<string> program, string? rulesFile = null, string? postgres = null, string name = "SensorGrid")
    : ServerUnderTest(name, folder)
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

    public override async Task RestatedAsync(CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(ConnectionString());
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(
            "select exists (select from late_segment) or exists (select from window_statistics where stale)", connection);
        while ((bool)(await command.ExecuteScalarAsync(cancellation))!)
        {
            await Task.Delay(100, cancellation);
        }
    }

    public override async Task<long> CountAsync(CancellationToken cancellation) => (await CountersAsync(cancellation)).Readings;

    /// <summary>The readings that it has, each counted once.</summary>
    public async Task<long> DistinctAsync(CancellationToken cancellation)
    {
        var (readings, repeated) = await CountersAsync(cancellation);
        return readings - repeated;
    }

    /// <summary>The readings in the statistics of a span, each counted once, those that were repeated late and wait to be merged, too.</summary>
    /// <param name="from">Milliseconds since 1970.</param>
    /// <param name="to">Milliseconds since 1970, exclusive.</param>
    /// <param name="except">A factory that is left out.</param>
    public async Task<long> CountAsync(long from, long to, string except, CancellationToken cancellation)
    {
        var count = 0L;
        foreach (var factory in (await FactoriesAsync(cancellation)).Where(f => f != except))
        {
            using var statistics = await JsonAsync($"/api/factories/{factory}/stats?window=1d&from={Time(from)}&to={Time(to)}", cancellation);
            count += statistics.RootElement.GetProperty("kinds").EnumerateArray().Sum(
                kind => kind.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("count").GetInt64()));
        }
        return count;
    }

    private async Task<string[]> FactoriesAsync(CancellationToken cancellation)
    {
        using var factories = await JsonAsync("/api/factories", cancellation);
        return [.. factories.RootElement.GetProperty("factories").EnumerateArray().Select(f => f.GetProperty("name").GetString()!)];
    }

    private async Task<(long Readings, long Repeated)> CountersAsync(CancellationToken cancellation)
    {
        var (readings, repeated) = (0L, 0L);
        foreach (var factory in await FactoriesAsync(cancellation))
        {
            using var twin = await JsonAsync($"/api/factories/{factory}", cancellation);
            var counters = twin.RootElement.GetProperty("counters");
            readings += counters.GetProperty("readings").GetInt64();
            repeated += counters.GetProperty("duplicates").GetInt64() + counters.GetProperty("corrections").GetInt64();
        }
        return (readings, repeated);
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

    // A private Postgres says where its socket is.
    private string ConnectionString()
    {
        if (postgres is not null)
        {
            return postgres;
        }
        var lines = File.ReadAllLines(Path.Combine(DataFolder, "postgres", "postmaster.pid"));
        return $"Host={lines[4]};Port={lines[3]};Username=sensorgrid;Database=sensorgrid;Pooling=false;Command Timeout=300";
    }

    protected async Task<JsonDocument> JsonAsync(string path, CancellationToken cancellation)
    {
        using var answer = await Http.GetAsync(path, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text)
            : throw new BenchException($"{Name} answered {(int)answer.StatusCode} to GET {path}: {text}");
    }
}
