using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Tests;

/// <summary>Commits of which the store's answer never came: what is in the log reaches the twins, and writes go on.</summary>
[Collection(PostgresServer.Collection)]
public sealed class UnclearCommitTests(PostgresServer server)
{
    // With its end: a transaction begins with READ COMMITTED.
    private const string Commit = "COMMIT\0";

    // Others commit, too.
    private const string NewSensors = "insert into sensor";

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Writes_with_new_sensors_go_on_after_it(bool reachesTheServer, bool reconnectFails)
    {
        var database = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        await using var proxy = new CuttingProxy(database.Host!);
        database.Host = proxy.Folder;
        await using var grid = await TestGrid.StartAsync(database.ConnectionString);
        var model = new PlainModel();
        if (reachesTheServer)
        {
            proxy.CutAfter(Commit, NewSensors);
        }
        else
        {
            proxy.CutBefore(Commit, NewSensors);
        }
        if (reconnectFails)
        {
            proxy.CutBefore("select exists");
        }
        (string Path, Reading Reading)[] Batch(int number) =>
            [.. Enumerable.Range(0, 10).Select(i => ($"f/m{i % 3}/s{number}", new Reading(TestGrid.Day + (((number * 10) + i) * EventTime.Second), i)))];

        await Assert.ThrowsAsync<StoreUnavailableException>(() => grid.WriteAsync(Batch(0)));

        await Eventually.TrueAsync(() => grid.Grid.Info.IsReady, "the grid finds the store again");
        Assert.Equal(0, proxy.Left);
        if (reachesTheServer)
        {
            Assert.Equal(Batch(0).Last(b => b.Path == "f/m0/s0").Reading, (await grid.SensorAsync("f/m0/s0")).Last);
        }
        for (var number = 0; number < 3; number++)
        {
            await grid.WriteAsync(Batch(number));
            Array.ForEach(Batch(number), b => model.Write(b.Path, b.Reading));
        }
        await AssertEqualAsync(grid, model);
        await grid.AbandonAsync();
        await grid.StartAsync();
        await AssertEqualAsync(grid, model);
    }

    private static async Task AssertEqualAsync(TestGrid grid, PlainModel model)
    {
        foreach (var path in model.Paths)
        {
            Assert.Equal(model.Readings(path), await grid.ReadAsync(path));
            Assert.Equal(model.Readings(path), await grid.ReadSqlAsync(path));
            Assert.Equal(model.Readings(path).Last(), (await grid.SensorAsync(path)).Last);
        }
    }
}
