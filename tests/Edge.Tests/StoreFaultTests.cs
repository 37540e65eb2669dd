using System.Diagnostics;
using System.Globalization;
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

    [Fact]
    public async Task A_store_that_hangs_is_not_waited_for_and_nothing_is_lost_or_counted_twice()
    {
        var server = new PostgresServer();
        await server.InitializeAsync();
        try
        {
            await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
            (string, Reading) At(int second) => ("f/m/s", new Reading(TestGrid.Day + (second * EventTime.Second), second));
            await grid.WriteAsync([At(0)]);
            var processes = Processes(server.Postgres.Pid);
            Signal("STOP", processes);
            try
            {
                var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => grid.WriteAsync([At(1)]).WaitAsync(Eventually.Deadline));
                Assert.Contains("no answer within", fault.Message, StringComparison.Ordinal);
                Assert.False(grid.Grid.Info.IsReady);
                await Assert.ThrowsAsync<StoreUnavailableException>(() => grid.WriteAsync([At(2)]).WaitAsync(Eventually.Deadline));
            }
            finally
            {
                Signal("CONT", processes);
            }
            await Eventually.TrueAsync(() => grid.Grid.Info.IsReady, "the grid finds the store again");

            await grid.WriteAsync([At(1), At(2), At(3)]);

            Assert.Equal([0, 1, 2, 3.0], (await grid.ReadAsync("f/m/s")).Select(r => r.Value));
            Assert.Equal([0, 1, 2, 3.0], (await grid.ReadSqlAsync("f/m/s")).Select(r => r.Value));
            await grid.StopAsync();
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_grid_whose_store_hangs_can_be_ended()
    {
        var server = new PostgresServer();
        await server.InitializeAsync();
        try
        {
            var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
            await grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 1))]);
            var processes = Processes(server.Postgres.Pid);
            Signal("STOP", processes);
            try
            {
                var write = grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day + 1, 1))]);
                await grid.DisposeAsync().AsTask().WaitAsync(Eventually.Deadline);
                await Assert.ThrowsAsync<StoreUnavailableException>(() => write);
            }
            finally
            {
                Signal("CONT", processes);
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static int[] Processes(int server) =>
    [
        server, .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!, CultureInfo.InvariantCulture))
            .Where(pid => ParentOf(pid) == server),
    ];

    private static int ParentOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void Signal(string name, int[] processes)
    {
        using var kill = Process.Start("kill", [$"-{name}", .. processes.Select(p => p.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
