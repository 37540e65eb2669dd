using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>A grid on a database, to be stopped and started as the test likes.</summary>
internal sealed class TestGrid(string connectionString, GridOptions? options = null, RuleSet? rules = null, TimeProvider? time = null) : IAsyncDisposable
{
    public const long Day = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private readonly GridOptions _options = options ?? new GridOptions { Partitions = 4 };
    private EdgeGrid? _grid;

    public EdgeGrid Grid => _grid!;

    public string ConnectionString => connectionString;

    /// <summary>Where the next start logs to.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    public static async Task<TestGrid> StartAsync(string connectionString, GridOptions? options = null, RuleSet? rules = null, TimeProvider? time = null)
    {
        var grid = new TestGrid(connectionString, options, rules, time);
        await grid.StartAsync();
        return grid;
    }

    public async Task StartAsync()
    {
        _grid = new EdgeGrid(connectionString, _options, rules ?? RuleSet.Default, Loggers, time);
        await _grid.StartAsync(CancellationToken.None);
    }

    public async Task StopAsync()
    {
        await Grid.StopAsync(CancellationToken.None);
        await Grid.DisposeAsync();
    }

    /// <summary>Ends it without saving anything, as far as one process can.</summary>
    public ValueTask AbandonAsync() => Grid.DisposeAsync();

    public async Task<WriteReport> WriteAsync(IEnumerable<(string Path, Reading Reading)> readings)
    {
        var body = new StringBuilder();
        foreach (var (path, reading) in readings)
        {
            var parts = path.Split('/');
            body.Append(CultureInfo.InvariantCulture, $"m,factory={parts[0]},machine={parts[1]},sensor={parts[2]},quality={Word(reading.Quality)} value={reading.Value:R} {reading.Time}\n");
        }
        return await WriteLinesAsync(body.ToString());
    }

    public Task<WriteReport> WriteLinesAsync(string lines) => Grid.WriteAsync(
        Encoding.UTF8.GetBytes(lines), new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Microseconds, Source = "test" }, CancellationToken.None);

    public async Task<List<Reading>> ReadAsync(string path, long from = 0, long to = EventTime.Max)
    {
        var readings = new List<Reading>();
        await foreach (var chunk in (await Grid.GetReadingsAsync(PathOf(path), from, to, CancellationToken.None))!)
        {
            readings.AddRange(chunk.ToArray());
        }
        return readings;
    }

    public async Task<IReadOnlyList<WindowView>> WindowsAsync(string path, long size, long from, long to) =>
        (await Grid.GetStatisticsAsync(PathOf(path), from, to, size, CancellationToken.None))![0].Rows;

    public async Task<SensorView> SensorAsync(string path)
    {
        var p = PathOf(path);
        return (await Grid.GetSensorAsync(p.Factory, p.Machine!, p.Sensor!, CancellationToken.None))!;
    }

    /// <summary>A sensor's readings as plain SQL sees them.</summary>
    public async Task<List<Reading>> ReadSqlAsync(string path)
    {
        var p = PathOf(path);
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select (extract(epoch from time) * 1000000)::bigint, value, quality from readings where factory = $1 and machine = $2 and sensor = $3 order by time", connection)
        {
            Parameters = { new() { Value = p.Factory }, new() { Value = p.Machine! }, new() { Value = p.Sensor! } },
        };
        await using var rows = await command.ExecuteReaderAsync();
        var readings = new List<Reading>();
        while (await rows.ReadAsync())
        {
            readings.Add(new Reading(rows.GetInt64(0), rows.GetDouble(1), Enum.Parse<Quality>(rows.GetString(2), true)));
        }
        return readings;
    }

    public ValueTask DisposeAsync() => _grid?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static GridPath PathOf(string path)
    {
        var parts = path.Split('/');
        return new GridPath(parts[0], parts[1], parts[2]);
    }

    private static string Word(Quality quality) => quality switch
    {
        Quality.Good => "good",
        Quality.Uncertain => "uncertain",
        _ => "bad",
    };
}
