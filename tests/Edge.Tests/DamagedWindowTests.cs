using Microsoft.Extensions.Logging;
using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Tests;

/// <summary>Stored windows with damage: they are computed from the readings, and the grid goes on.</summary>
[Collection(PostgresServer.Collection)]
public sealed class DamagedWindowTests(PostgresServer server)
{
    private const string Path = "f/m/s";

    [Theory]
    [InlineData("'\\xffffff'")]
    [InlineData("''")]
    [InlineData("substring(sketch, 1, length(sketch) - 1)")]
    [InlineData("(select w.sketch from window_statistics w where w.usable_count <> window_statistics.usable_count limit 1)")]
    public async Task They_are_computed_from_the_readings_and_twins_are_repaired_and_rebuilt_without_them(string sketch)
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = new TestGrid(database) { Loggers = LoggerFactory.Create(l => l.AddProvider(logs)) };
        await grid.StartAsync();
        var model = new PlainModel();
        // A day and ten hours.
        await WriteAsync(grid, model, Enumerable.Range(0, 34 * 60).Select(i => new Reading(TestGrid.Day + (i * EventTime.Minute), i % 50)));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.InRange(await Table.ExecuteAsync(database, $"update window_statistics set sketch = {sketch}"), 20, 100);

        await AssertWindowsAsync(grid, model);
        // Its twin is to be repaired: the day that closed last is needed for that.
        await WriteAsync(grid, model, [new Reading(TestGrid.Day + EventTime.Day + EventTime.Second, 1000)]);
        await grid.Grid.RestateAsync(CancellationToken.None);
        await AssertWindowsAsync(grid, model);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.AbandonAsync();
        await Table.ExecuteAsync(database, "update snapshot set state = ''");
        await grid.StartAsync();

        await AssertWindowsAsync(grid, model);
        var day = (await grid.SensorAsync(Path)).Windows.Single(w => w.Size == EventTime.Day && w.Closed);
        PlainModel.AssertWindow([.. model.Readings(Path).Where(r => r.Time < TestGrid.Day + EventTime.Day)], day);
        // Once each start.
        Assert.Equal(2, logs.Lines.Count(l => l.Text.StartsWith($"A stored window is damaged (sensor 0, size_seconds 3600, start_time {TestGrid.Day})", StringComparison.Ordinal)));
    }

    private static async Task WriteAsync(TestGrid grid, PlainModel model, IEnumerable<Reading> readings)
    {
        var all = readings.Select(r => (Path, r)).ToArray();
        foreach (var (path, reading) in all)
        {
            model.Write(path, reading);
        }
        await grid.WriteAsync(all);
    }

    private static async Task AssertWindowsAsync(TestGrid grid, PlainModel model)
    {
        foreach (var size in new[] { EventTime.Hour, EventTime.Day })
        {
            model.AssertWindows(Path, size, await grid.WindowsAsync(Path, size, TestGrid.Day, TestGrid.Day + (2 * EventTime.Day)));
        }
    }
}
