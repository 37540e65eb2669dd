using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Tests;

namespace SensorGrid.Edge.Tests;

/// <summary>Files of real machines, half of each sent before a checkpoint and a restart: every answer, of the API and of SQL, equals a plain computation over the file.</summary>
[Collection(PostgresServer.Collection)]
public sealed class RealFileTests(PostgresServer server)
{
    private const long Start = 1_704_067_200_000_000; // 2024-01-01T00:00:00Z

    private static readonly long[] Sizes = [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour, EventTime.Day];

    [SharedDataFact]
    public async Task Cnc_mill()
    {
        var files = Directory.GetFiles(Path.Combine(SharedDataFactAttribute.Folder!, "cnc-mill"), "*.csv").Order(StringComparer.Ordinal).Select(CncMill).ToArray();
        Assert.Equal(18, files.Length);
        Assert.Equal(25_286 * 47, files.Sum(f => f.Cells));

        var (windows, _) = await AssertAnswersAsync(files);

        // 47 sensors a file, each with a window of an hour and one of a day and at least one of every other size.
        Assert.True(windows > 18 * 47 * Sizes.Length, $"{windows} windows");
    }

    [SharedDataFact]
    public async Task Nab_machine_temperature_with_its_repeated_times()
    {
        var path = Path.Combine(SharedDataFactAttribute.Folder!, "nab/data/realKnownCause/machine_temperature_system_failure.csv");
        var file = new RealFile(path, Csv(path, "nab") with { Sensor = "temperature" });
        Assert.Equal((22_695, 22_695 - 12), (file.Cells, file.Model.Count));

        var (windows, counters) = await AssertAnswersAsync([file]);

        Assert.True(windows > file.Model.Count, $"{windows} windows");
        // An hour comes twice, with other values; its last time is the newest so far, and so not late.
        Assert.Equal(new Counters(22_695, Duplicates: 0, Late: 11, Corrections: 12), counters);
    }

    private static RealFile CncMill(string path) => new(path, Csv(path, "cnc-mill") with { Start = Start, Step = EventTime.Second / 10 });

    private static WriteOptions Csv(string path, string factory) =>
        new(InputFormat.Csv) { Factory = factory, Machine = Path.GetFileNameWithoutExtension(path), Source = path };

    // Returns how many windows were compared, and the counters of the files' factory.
    private async Task<(int Windows, Counters Counters)> AssertAnswersAsync(IReadOnlyList<RealFile> files)
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var accepted = await SendAsync(files, (f, half) => f.SendAsync(grid.Grid, 0, half));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.StopAsync();
        await grid.StartAsync();
        accepted += await SendAsync(files, (f, half) => f.SendAsync(grid.Grid, half, f.Rows));
        Assert.Equal(files.Sum(f => f.Cells), accepted);

        var windows = 0;
        foreach (var file in files)
        {
            var machine = await grid.Grid.GetMachineAsync(file.Options.Factory!, file.Options.Machine!, CancellationToken.None);
            Assert.Equal(file.Model.Paths.Order(StringComparer.Ordinal), machine!.Sensors.Select(s => $"{machine.Path}/{s.Name}").Order(StringComparer.Ordinal));
            await AssertSqlAsync(database, file);
            foreach (var path in file.Model.Paths)
            {
                windows += await AssertSensorAsync(grid, file.Model, path);
            }
        }
        var factory = await grid.Grid.GetFactoryAsync(files[0].Options.Factory!, CancellationToken.None);
        return (windows, factory!.Counters);
    }

    private static async Task<int> SendAsync(IReadOnlyList<RealFile> files, Func<RealFile, int, Task<int>> send)
    {
        var accepted = 0;
        foreach (var file in files)
        {
            accepted += await send(file, file.Rows / 2);
        }
        return accepted;
    }

    private static async Task<int> AssertSensorAsync(TestGrid grid, PlainModel model, string path)
    {
        var expected = model.Readings(path);
        Assert.Equal(expected, await grid.ReadAsync(path));
        Assert.Equal(expected.Last(), (await grid.SensorAsync(path)).Last);
        var windows = 0;
        foreach (var size in Sizes)
        {
            var rows = await grid.WindowsAsync(path, size, expected.First().Time, expected.Last().Time + 1);
            model.AssertWindows(path, size, rows);
            windows += rows.Count;
        }
        return windows;
    }

    private static async Task AssertSqlAsync(string database, RealFile file)
    {
        var values = file.Model.Paths.SelectMany(file.Model.Readings).Select(r => r.Value).ToArray();
        var mean = (double)(values.Sum(v => (decimal)v) / values.Length);
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*), avg(value), min(value), max(value) from readings where machine = $1", connection)
        {
            Parameters = { new() { Value = file.Options.Machine! } },
        };
        await using var rows = await command.ExecuteReaderAsync();
        Assert.True(await rows.ReadAsync());
        Assert.Equal((values.Length, values.Min(), values.Max()), (rows.GetInt64(0), rows.GetDouble(2), rows.GetDouble(3)));
        Assert.True(Math.Abs(mean - rows.GetDouble(1)) <= 1e-9 * values.Max(Math.Abs), $"{rows.GetDouble(1)} is not {mean}");
    }
}
