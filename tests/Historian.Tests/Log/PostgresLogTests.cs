using System.Text;
using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;
using SensorGrid.Historian.Tests.Postgres;

namespace SensorGrid.Historian.Tests.Log;

/// <summary>The log when connections end at the worst moments: what is told of a group is what the table holds.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresLogTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Partitions = 2;

    // With its end: a transaction begins with READ COMMITTED.
    private const string Commit = "COMMIT\0";

    private const string CopyDone = "c\0\0\0\u0004";

    private readonly SensorCatalog _catalog = new(Partitions, CatalogLimits.Default);
    private NpgsqlDataSource? _direct;
    private CuttingProxy? _proxy;
    private Database? _database;

    private Database Database => _database!;

    private CuttingProxy Proxy => _proxy!;

    public async Task InitializeAsync()
    {
        if (!PostgresFixture.IsInstalled && !PostgresFixture.MustRun)
        {
            return;
        }
        _direct = await postgres.CreateDatabaseAsync();
        var settings = new NpgsqlConnectionStringBuilder(_direct.ConnectionString);
        _proxy = new CuttingProxy(settings.Host!);
        settings.Host = _proxy.Folder;
        _database = new Database(settings.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        if (_direct is not null)
        {
            await Database.DisposeAsync();
            await Proxy.DisposeAsync();
            await _direct.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task A_commit_without_its_answer_is_found_in_the_log_with_its_new_sensors()
    {
        await using var log = await OpenAsync();
        Proxy.CutAfter(Commit);
        var group = Group([Sensor("a")], (0, 3), (1, 2));

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.AppendAsync(group, default));

        Assert.Equal((0, 0), (log.Next(0), log.Next(1)));
        Assert.True(await log.ReconnectAsync(default));
        Assert.Equal((3, 2), (log.Next(0), log.Next(1)));
        // The writer may offer the same sensors again, and goes on where the log ends.
        await log.AppendAsync(Group([Sensor("a"), Sensor("b")], (0, 5)), default);
        Assert.Equal([3, 5], await CountsAsync(log, 0));
        Assert.Equal([2], await CountsAsync(log, 1));
        Assert.Equal(["0 a", "1 b"], await QueryAsync("select id, sensor from sensor order by id"));
    }

    [PostgresFact]
    public async Task A_copy_without_its_answer_is_found_in_the_log()
    {
        await using var log = await OpenAsync();
        Proxy.CutAfter(CopyDone);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.AppendAsync(Group([], (1, 4)), default));

        Assert.True(await log.ReconnectAsync(default));
        Assert.Equal(4, log.Next(1));
        Assert.Equal([4], await CountsAsync(log, 1));
    }

    [PostgresFact]
    public async Task The_outcome_is_not_forgotten_where_the_first_attempts_to_reconnect_fail()
    {
        await using var log = await OpenAsync();
        Proxy.CutAfter(Commit);
        Proxy.CutBefore("pg_advisory_lock");
        Proxy.CutBefore("select exists");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.AppendAsync(Group([Sensor("a")], (0, 3)), default));

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.ReconnectAsync(default));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.ReconnectAsync(default));
        Assert.Equal(0, Proxy.Left);

        Assert.True(await log.ReconnectAsync(default));
        Assert.False(await log.ReconnectAsync(default));
        Assert.Equal(3, log.Next(0));
    }

    [PostgresFact]
    public async Task A_commit_that_never_reached_the_server_is_not_in_the_log()
    {
        await using var log = await OpenAsync();
        Proxy.CutBefore(Commit);
        var group = Group([Sensor("a")], (0, 3));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.AppendAsync(group, default));

        Assert.False(await log.ReconnectAsync(default));

        await log.AppendAsync(group, default);
        Assert.Equal([3], await CountsAsync(log, 0));
    }

    [PostgresFact]
    public async Task Sensors_and_refused_input_alone_count_as_not_committed_and_may_come_again()
    {
        await using var log = await OpenAsync();
        Proxy.CutAfter(Commit);
        var group = Group([Sensor("a")]);
        group.DeadLetters.Add(new DeadLetter(0, 0, "test", 1, "why", [1]));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.AppendAsync(group, default));

        Assert.False(await log.ReconnectAsync(default));

        await log.AppendAsync(group, default);
        Assert.Equal(["0 a"], await QueryAsync("select id, sensor from sensor order by id"));
    }

    [PostgresFact]
    public async Task A_failed_change_of_generation_loses_and_repeats_nothing()
    {
        await using var log = await OpenAsync(generationBytes: 1);
        await log.AppendAsync(Group([], (0, 1)), default);
        Proxy.CutBefore("create_log_table");
        var second = Group([Sensor("a")], (0, 2));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.AppendAsync(second, default));
        Assert.False(await log.ReconnectAsync(default));
        Proxy.CutAfter("create_log_table");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => log.AppendAsync(second, default));
        Assert.False(await log.ReconnectAsync(default));

        await log.AppendAsync(second, default);

        Assert.Equal(0, Proxy.Left);
        Assert.Equal(3, log.Next(0));
        Assert.Equal([1, 2], await CountsAsync(log, 0));
    }

    [PostgresFact]
    public async Task Generations_change_while_others_are_dropped()
    {
        await using var log = await OpenAsync(generationBytes: 1);
        var appended = 0L;
        var stop = false;
        var trimming = Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                await PassAsync(Volatile.Read(ref appended));
                await log.TrimAsync(false, default);
            }
        });

        for (var i = 0; i < 100; i++)
        {
            await log.AppendAsync(Group([], (0, 1)), default);
            Volatile.Write(ref appended, i + 1);
        }

        Volatile.Write(ref stop, true);
        await trimming;
        Assert.Equal(100, log.Next(0));
        await PassAsync(100);
        await log.TrimAsync(true, default);
        Assert.Empty(await CountsAsync(log, 0));
    }

    [PostgresFact]
    public async Task What_the_store_refuses_leaves_the_log_as_it_was()
    {
        await using var log = await OpenAsync();
        await _direct!.CreateCommand("insert into sensor values (77, 'f', 'm', 'a', 'a', 0)").ExecuteNonQueryAsync();

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => log.AppendAsync(Group([Sensor("a")], (0, 3)), default));

        Assert.True(Database.IsRefusal(refusal));
        Assert.False(Database.IsStoreFault(refusal));
        await log.AppendAsync(Group([], (0, 2)), default);
        Assert.Equal([2], await CountsAsync(log, 0));
    }

    [PostgresFact]
    public async Task Text_that_Postgres_cannot_hold_is_stored_with_marks_in_its_place()
    {
        await using var log = await OpenAsync();
        var group = Group([]);
        group.DeadLetters.Add(new DeadLetter(0, 0, "so\0urce", 1, "a\0b \ud800 \U0001F600", [0]));

        await log.AppendAsync(group, default);

        var letter = Assert.Single(await DeadLetters.DeadLetterTable.ReadAsync(Database, 10, default));
        Assert.Equal(("so\ufffdurce", "a\ufffdb \ufffd \U0001F600"), (letter.Source, letter.Reason));
    }

    [PostgresFact]
    public async Task Dead_letters_displace_the_oldest_as_they_come()
    {
        await using var log = await OpenAsync(deadLetters: 5);
        for (var i = 0; i < 4; i++)
        {
            var group = Group([]);
            group.DeadLetters.AddRange(Enumerable.Range(0, 3).Select(j => new DeadLetter(0, 0, "test", (3 * i) + j, "why", [])));
            await log.AppendAsync(group, default);
        }

        Assert.Equal(["7", "8", "9", "10", "11"], await QueryAsync("select line from dead_letter order by id"));
    }

    private async Task<PostgresLog> OpenAsync(long generationBytes = 128L << 20, int deadLetters = 100)
    {
        var log = new PostgresLog(Database, Partitions, new PostgresLogOptions { GenerationBytes = generationBytes, KeepPassed = TimeSpan.Zero, TrimInterval = TimeSpan.Zero, DeadLetters = deadLetters }, TimeProvider.System);
        await log.ConnectAsync(default);
        int[] all = [.. Enumerable.Range(0, Partitions)];
        await log.ClaimAsync(all, "test", default);
        await log.OpenAsync(all, new long[Partitions], default);
        return log;
    }

    private Task PassAsync(long position) => QueryAsync(
        $"insert into checkpoint (partition, position, revision) values (0, {position}, 1) on conflict (partition) do update set position = {position} returning position");

    private Sensor Sensor(string name) => _catalog.Resolve("f"u8, "m"u8, Encoding.ASCII.GetBytes(name), out _)!;

    private static LogGroup Group(Sensor[] sensors, params (int Partition, int Readings)[] rows)
    {
        var group = new LogGroup();
        group.NewSensors.AddRange(sensors);
        foreach (var (partition, readings) in rows)
        {
            using var block = new ReadingBlock();
            for (var i = 0; i < readings; i++)
            {
                block.Add(0, i, i, Quality.Good);
            }
            group.Rows.Add(new LogRow(partition, readings, LogRowCodecTests.EncodeAll(block).Single()));
        }
        return group;
    }

    private static async Task<List<int>> CountsAsync(PostgresLog log, int partition)
    {
        var counts = new List<int>();
        await foreach (var row in log.ReadAsync(partition, 0, default))
        {
            counts.Add(row.Count);
        }
        return counts;
    }

    private Task<List<string>> QueryAsync(string sql) => new HistoryWriter(_direct!).QueryAsync(sql);
}
