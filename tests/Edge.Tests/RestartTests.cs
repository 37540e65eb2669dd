using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Historian;

namespace SensorGrid.Edge.Tests;

[Collection(PostgresServer.Collection)]
public sealed class RestartTests(PostgresServer server)
{
    private const string Path = "f/m/temperature-1";

    [Fact]
    public async Task After_a_stop_nothing_is_replayed_and_every_answer_is_as_before()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        await grid.WriteAsync(Run(500));
        var before = await AnswersAsync(grid);

        await grid.StopAsync();
        Assert.Equal(0, await LogReadingsBeyondCheckpointsAsync(database));
        await grid.StartAsync();

        Assert.Equal(before, await AnswersAsync(grid));
    }

    [Fact]
    public async Task After_a_stop_in_the_middle_of_a_checkpoint_nothing_is_replayed()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, new GridOptions { Partitions = 4, CheckpointInterval = TimeSpan.FromMilliseconds(1) });
        await using var blocker = new NpgsqlConnection(database + ";Pooling=false");
        await blocker.OpenAsync();
        await using var blocking = await blocker.BeginTransactionAsync();
        await ScalarAsync(blocker, "lock table checkpoint in access exclusive mode");

        await grid.WriteAsync(Run(300));
        while ((long)(await ScalarAsync(blocker, "select count(*) from pg_locks where not granted and relation = 'checkpoint'::regclass"))! == 0)
        {
            await Task.Yield();
        }
        await grid.WriteAsync(Run(500).Skip(300));
        var stopping = grid.StopAsync();
        Assert.False(stopping.IsCompleted);
        await blocking.RollbackAsync();
        await stopping;

        Assert.Equal(0, await LogReadingsBeyondCheckpointsAsync(database));
    }

    [Fact]
    public async Task After_a_sudden_end_the_log_is_replayed_and_every_answer_is_as_before()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        await grid.WriteAsync(Run(300));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.WriteAsync(Run(500).Skip(300));
        var before = await AnswersAsync(grid);

        await grid.AbandonAsync();
        Assert.Equal(200, await LogReadingsBeyondCheckpointsAsync(database));
        await grid.StartAsync();

        Assert.Equal(before, await AnswersAsync(grid));
    }

    [Fact]
    public async Task A_query_in_plain_SQL_that_began_before_a_log_table_had_served_its_time_finishes()
    {
        var database = await server.CreateDatabaseAsync();
        var clock = new SetClock(TestGrid.Day + EventTime.Day);
        await using var grid = await TestGrid.StartAsync(database, time: clock);
        await grid.WriteAsync(Run(300));
        await grid.AbandonAsync();
        // The next start begins a new table; the first one is passed by the checkpoint below.
        await grid.StartAsync();
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var later = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        Assert.Equal(0, await CountAsync(connection, "select count(*) from checkpoint"));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(300, await CountAsync(connection, "select count(*) from readings"));
        await later.RollbackAsync();

        Assert.Equal(300, await CountAsync(connection, "select count(*) from readings"));
        Assert.Equal(1, await CountAsync(connection, "select count(*) from pg_class where relname = 'log_00000001'"));
        clock.Now += 31 * EventTime.Second;
        await grid.WriteAsync(Run(301).Skip(300));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(0, await CountAsync(connection, "select count(*) from pg_class where relname = 'log_00000001'"));
        Assert.Equal(301, await CountAsync(connection, "select count(*) from readings"));
    }

    [Fact]
    public async Task Rules_changed_while_it_was_stopped_start_their_detectors_afresh()
    {
        var database = await server.CreateDatabaseAsync();
        await using (var before = await TestGrid.StartAsync(database, rules: RuleSet.Parse("""{ "rules": [ { "limits": { "h": 5 } } ] }"""u8)))
        {
            await before.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 7))]);
            Assert.Single((await before.SensorAsync("f/m/s")).Flags);
            await before.StopAsync();
        }

        await using var grid = await TestGrid.StartAsync(database, rules: RuleSet.Parse("""{ "rules": [ { "limits": { "h": 9 } } ] }"""u8));

        Assert.Empty((await grid.SensorAsync("f/m/s")).Flags);
        Assert.Equal(AlarmState.Cleared, Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None)).State);
        // And it stays so: what the start changed is part of the next snapshot.
        await grid.StopAsync();
        await grid.StartAsync();
        Assert.Empty((await grid.SensorAsync("f/m/s")).Flags);
    }

    [Fact]
    public async Task Rules_changed_while_running_are_in_the_next_snapshot()
    {
        var database = await server.CreateDatabaseAsync();
        var rules = RuleSet.Parse("""{ "rules": [ { "limits": { "h": 9 } } ] }"""u8);
        await using (var before = await TestGrid.StartAsync(database, rules: RuleSet.Parse("""{ "rules": [ { "limits": { "h": 5 } } ] }"""u8)))
        {
            await before.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 7))]);
            await before.Grid.CheckpointAsync(CancellationToken.None);
            await before.Grid.UseAsync(rules);
            await before.StopAsync();
        }

        await using var grid = await TestGrid.StartAsync(database, rules: rules);

        Assert.Empty((await grid.SensorAsync("f/m/s")).Flags);
    }

    [Fact]
    public async Task A_machine_s_silence_is_found_under_the_machine_and_again_after_a_restart()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        await grid.WriteAsync(Enumerable.Range(0, 200).SelectMany(i => new[] { "f/m/a", "f/m/b" }
            .Select(path => (path, new Reading(TestGrid.Day + ((i < 100 ? i : i + 600) * EventTime.Second), i)))));
        async Task AssertFlagAsync()
        {
            foreach (var path in new[] { null, "f", "f/m", "f/m/*", "*/m" })
            {
                var flag = Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(Path: path), CancellationToken.None));
                Assert.Equal(("f/m", "silence", TestGrid.Day + (700 * EventTime.Second)), (flag.Path, flag.Detector, flag.To));
            }
            Assert.Empty(await grid.Grid.GetFlagsAsync(new FlagQuery(Path: "f/m/a"), CancellationToken.None));
        }

        await AssertFlagAsync();
        await grid.StopAsync();
        await grid.StartAsync();

        await AssertFlagAsync();
        Assert.Equal(await grid.ReadAsync("f/m/a"), await grid.ReadSqlAsync("f/m/a"));
    }

    [Fact]
    public async Task A_second_grid_on_the_same_database_is_refused()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => TestGrid.StartAsync(database));

        Assert.Contains("another SensorGrid uses this database", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_number_of_partitions_is_refused()
    {
        var database = await server.CreateDatabaseAsync();
        await using (var grid = await TestGrid.StartAsync(database, new GridOptions { Partitions = 4 }))
        {
            await grid.StopAsync();
        }

        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => TestGrid.StartAsync(database, new GridOptions { Partitions = 8 }));

        Assert.Equal("the database was made with partitions = 4; this program is set to 8: use the same, or another database", fault.Message);
    }

    [Fact]
    public async Task A_database_that_does_not_wait_for_its_disk_is_refused()
    {
        var database = await server.CreateDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await Table.ExecuteAsync(database, $"alter database {name} set synchronous_commit = off");

        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => TestGrid.StartAsync(database));

        Assert.StartsWith("synchronous_commit is off for this user and database", fault.Message, StringComparison.Ordinal);
        await Table.ExecuteAsync(database, $"alter database {name} set synchronous_commit = remote_write");
        NpgsqlConnection.ClearAllPools();
        await using var grid = await TestGrid.StartAsync(database);
    }

    [Fact]
    public async Task A_server_that_a_power_cut_may_damage_is_told_of()
    {
        var database = await server.CreateDatabaseAsync();
        await SetAsync("off");
        try
        {
            var logs = new LogLines();
            await using var grid = new TestGrid(database) { Loggers = LoggerFactory.Create(l => l.AddProvider(logs)) };
            await grid.StartAsync();
            Assert.Contains(logs.Lines, l => l.Level == LogLevel.Warning && l.Text.StartsWith("Postgres runs with full_page_writes off", StringComparison.Ordinal));
        }
        finally
        {
            await SetAsync("on");
        }

        async Task SetAsync(string value)
        {
            await Table.ExecuteAsync(database, $"alter system set full_page_writes = {value}");
            await Table.ExecuteAsync(database, "select pg_reload_conf()");
            await Eventually.TrueAsync(
                async () => await Table.ScalarAsync<string>(database, "select current_setting('full_page_writes')") == value, $"full_page_writes is {value}");
        }
    }

    private static IEnumerable<(string, Reading)> Run(int count) =>
        Enumerable.Range(0, count).Select(i => (Path, new Reading(TestGrid.Day + (i * EventTime.Second), 20 + Math.Round(Math.Sin(i / 50.0), 2))));

    private static async Task<string> AnswersAsync(TestGrid grid)
    {
        var view = await grid.SensorAsync(Path);
        var factory = await grid.Grid.GetFactoryAsync("f", CancellationToken.None);
        var windows = await grid.WindowsAsync(Path, EventTime.Minute, TestGrid.Day, TestGrid.Day + EventTime.Hour);
        var readings = await grid.ReadAsync(Path);
        var flags = await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None);
        return JsonSerializer.Serialize(new { view, factory, windows, readings = readings.Select(r => r.ToString()), flags });
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<long> LogReadingsBeyondCheckpointsAsync(string connectionString)
    {
        await using var database = new Database(connectionString);
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from log_rows() l cross join lateral decode_log_row(l.data) r where r.ordinal >= l.skip";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }
}
