using System.Diagnostics;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Tests;

/// <summary>Postgres killed under a grid that goes on writing. A server of its own, so that no other test suffers.</summary>
public sealed class StoreFaultTests
{
    [Fact]
    public async Task Writes_are_refused_while_Postgres_is_away_and_nothing_acknowledged_is_lost()
    {
        var server = new PostgresServer();
        await server.InitializeAsync();
        try
        {
            await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
            var model = new PlainModel();
            var refused = 0;
            var next = 0;

            async Task WriteAsync()
            {
                var batch = Enumerable.Range(next, 50).Select(i => ($"f/m{i % 5}/s", new Reading(TestGrid.Day + (i * EventTime.Second), i))).ToArray();
                try
                {
                    await grid.WriteAsync(batch);
                    next += 50;
                    Array.ForEach(batch, b => model.Write(b.Item1, b.Item2));
                }
                catch (StoreUnavailableException fault)
                {
                    Assert.True(fault.RetryAfter > TimeSpan.Zero);
                    refused++;
                }
            }

            for (var kill = 0; kill < 3; kill++)
            {
                for (var i = 0; i < 20; i++)
                {
                    await WriteAsync();
                }
                Process.GetProcessById(server.Postgres.Pid).Kill();
                await server.Postgres.Exited.WaitAsync(Eventually.Deadline);
                while (refused <= kill)
                {
                    await WriteAsync();
                }
                Assert.False(grid.Grid.Info.IsReady);
                Assert.NotNull(grid.Grid.Info.NotReady);
                await server.Postgres.RestartAsync(CancellationToken.None);
                await Eventually.TrueAsync(() => grid.Grid.Info.IsReady, "the grid finds the store again");
                await WriteAsync();
            }

            foreach (var path in model.Paths)
            {
                // A write that was refused may be in the log all the same; it was repeated then, and counts once.
                Assert.Equal(model.Readings(path), await grid.ReadAsync(path));
                Assert.Equal(model.Readings(path), await grid.ReadSqlAsync(path));
            }
            await grid.StopAsync();
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
