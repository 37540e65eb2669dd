using Npgsql;
using SensorGrid.Core.Readings;
using SensorGrid.Historian;

namespace SensorGrid.Edge.Tests;

/// <summary>Stored windows that late readings have made untrue are marked in time that depends on the windows, and shown nowhere.</summary>
[Collection(PostgresServer.Collection)]
public sealed class StaleWindowTests(PostgresServer server)
{
    private const string Path = "f/m/temperature";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_late_reading_hides_the_stored_windows_that_it_belongs_to_and_no_other()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var model = new PlainModel();
        await WriteAsync(grid, model, Every(EventTime.Minute, 0, 4 * 60));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(3, await CountAsync(database, "select count(*) from windows where size = '1 hour'"));

        await WriteAsync(grid, model, [new Reading(TestGrid.Day + EventTime.Hour + 1, 7)]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);

        Assert.Equal(2, await CountAsync(database, "select count(*) from windows where size = '1 hour'"));
        Assert.Equal(1, await CountAsync(database, "select count(*) from window_statistics where stale and count = 60"));
        await AssertWindowsAsync(grid, model);
    }

    [Fact]
    public async Task A_window_that_closes_without_a_late_reading_is_remembered_and_not_shown()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var model = new PlainModel();
        await WriteAsync(grid, model, Every(EventTime.Second, 0, 100));
        await WriteAsync(grid, model, [new Reading(TestGrid.Day + 1, 7)]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(0, await CountAsync(database, "select count(*) from window_statistics"));

        await WriteAsync(grid, model, Every(EventTime.Minute, 60, 240));
        await grid.Grid.CheckpointAsync(CancellationToken.None);

        Assert.Equal(1, await CountAsync(database, "select count(*) from window_statistics where stale and count = 0"));
        Assert.Equal(2, await CountAsync(database, "select count(*) from windows where size = '1 hour'"));
        await AssertWindowsAsync(grid, model);
    }

    [Fact]
    public async Task A_year_that_comes_behind_a_live_sensor_is_stored()
    {
        const int Days = 365;
        const long Start = TestGrid.Day - (Days * EventTime.Day);
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        var model = new PlainModel();
        var hourly = Enumerable.Range(0, Days * 24).Select(i => new Reading(Start + (i * EventTime.Hour), i)).ToArray();
        await WriteAsync(grid, model, hourly);
        await grid.Grid.CheckpointAsync(CancellationToken.None).WaitAsync(Patience);
        await WriteAsync(grid, model, [.. Enumerable.Range(0, Days * 24 * 12).Select(i => new Reading(Start + (i * 5 * EventTime.Minute) + 1, i % 100))]);

        await grid.Grid.CheckpointAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.InRange(await CountAsync(database, "select count(*) from window_statistics where stale"), Days * 24, Days * 26);
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
        model.AssertWindows(Path, EventTime.Day, await grid.WindowsAsync(Path, EventTime.Day, Start, TestGrid.Day));
    }

    private static Reading[] Every(long step, int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(i => new Reading(TestGrid.Day + (i * step), i % 10))];

    private static async Task WriteAsync(TestGrid grid, PlainModel model, Reading[] readings)
    {
        await grid.WriteAsync(readings.Select(r => (Path, r)));
        Array.ForEach(readings, r => model.Write(Path, r));
    }

    private static async Task AssertWindowsAsync(TestGrid grid, PlainModel model)
    {
        foreach (var size in new[] { EventTime.Minute, EventTime.Hour, EventTime.Day })
        {
            model.AssertWindows(Path, size, await grid.WindowsAsync(Path, size, TestGrid.Day, TestGrid.Day + EventTime.Day));
        }
    }

    private static async Task<long> CountAsync(string connectionString, string sql)
    {
        await using var database = new Database(connectionString);
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
