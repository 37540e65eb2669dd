using System.Diagnostics.Metrics;
using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>What is refused, and that it harms nobody else.</summary>
[Collection(PostgresServer.Collection)]
public sealed class RefusalTests(PostgresServer server)
{
    private const string FirstLog = "log_00000001";

    [Fact]
    public async Task Text_that_Postgres_cannot_hold_is_a_bad_request_and_no_outage()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        var options = new WriteOptions(InputFormat.Csv) { Factory = "f", Machine = "m", TimeColumn = "\0", Source = "te\0st" };

        var report = await grid.Grid.WriteAsync("time,a\n1,2\n"u8.ToArray(), options, CancellationToken.None);

        Assert.Equal((0, 1), (report.Accepted, report.Rejected));
        Assert.True(grid.Grid.Info.IsReady);
        var letter = Assert.Single(await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None));
        Assert.Contains('\ufffd', letter.Reason);
    }

    [Fact]
    public async Task A_write_that_the_store_refuses_fails_alone_among_those_committed_with_it()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database);
        await grid.WriteAsync([At(0)]);
        await ExecuteAsync(database, $"alter table {FirstLog} add check (count <> 3)");
        Task<WriteReport> first, bad, good;
        await using (await TableLock.TakeAsync(database, FirstLog))
        {
            first = grid.WriteAsync([At(0)]);
            bad = grid.WriteAsync(Enumerable.Range(0, 3).Select(i => ("f/m/lost", new Reading(TestGrid.Day + i, 1))));
            good = grid.WriteAsync([At(1)]);
        }

        await Assert.ThrowsAsync<PostgresException>(() => bad);
        Assert.Equal((1, 1), ((await first).Accepted, (await good).Accepted));
        Assert.True(grid.Grid.Info.IsReady);
        await grid.WriteAsync([At(2)]);
        Assert.Equal([0, 1, 2.0], (await grid.ReadAsync("f/m/s")).Select(r => r.Value));
        Assert.Equal([0, 1, 2.0], (await grid.ReadSqlAsync("f/m/s")).Select(r => r.Value));
        Assert.Empty(await grid.ReadAsync("f/m/lost"));
    }

    [Fact]
    public async Task A_write_that_the_store_refuses_after_a_long_while_is_no_outage_that_lasts()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, time: new HurriedTime());
        await grid.WriteAsync([At(0)]);
        await ExecuteAsync(database, $"alter table {FirstLog} add check (count <> 3)");
        await using (await TableLock.TakeAsync(database, FirstLog))
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => grid.WriteAsync([At(1), At(2), At(3)]));
            Assert.False(grid.Grid.Info.IsReady);
        }

        await Eventually.TrueAsync(() => grid.Grid.Info.IsReady, "the grid finds the store again", TimeSpan.FromSeconds(20));

        await grid.WriteAsync([At(1), At(2)]);
        Assert.Equal([0, 1, 2.0], (await grid.ReadAsync("f/m/s")).Select(r => r.Value));
    }

    [Fact]
    public async Task What_was_refused_of_a_write_that_is_to_be_sent_again_is_kept_and_counted_once()
    {
        var database = await server.CreateDatabaseAsync();
        using var counted = new Rejected();
        await using var grid = await TestGrid.StartAsync(database, time: new HurriedTime());
        await grid.WriteAsync([At(0)]);
        var body = $"t,factory=f,machine=m s=1 {TestGrid.Day + EventTime.Second}\nnonsense";
        var before = counted.Count;
        await using (await TableLock.TakeAsync(database, FirstLog))
        {
            for (var i = 0; i < 3; i++)
            {
                await Assert.ThrowsAsync<StoreUnavailableException>(() => grid.WriteLinesAsync(body));
            }
        }
        await Eventually.TrueAsync(() => grid.Grid.Info.IsReady, "the grid finds the store again");
        // It was just slow: the readings are there.
        Assert.Equal(2, (await grid.ReadAsync("f/m/s")).Count);
        Assert.Empty(await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None));
        Assert.Equal(before, counted.Count);

        var report = await grid.WriteLinesAsync(body);

        Assert.Equal((1, 1), (report.Accepted, report.Rejected));
        Assert.Equal("nonsense"u8.ToArray(), Assert.Single(await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None)).Raw);
        Assert.Equal(before + 1, counted.Count);
        await grid.WriteLinesAsync("nothing good at all");
        Assert.Equal(2, (await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None)).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_refused_is_not_kept_where_the_readings_found_no_place(bool isBusy)
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        using var counted = new Rejected();
        using var batch = new Core.Readings.ReadingBatch(4);
        var block = new ReadingBlock();
        block.Add(0, TestGrid.Day, 1, Quality.Good);
        batch.Put(0, block);
        var decoded = new Engine.Writing.DecodedWrite(
            new WriteReport(1, 0, 1, []), batch, [new DeadLetter(0, TestGrid.Day, "test", 2, "no field", "x"u8.ToArray())], 0);
        Exception refusal = isBusy ? new GridBusyException("busy", TimeSpan.FromSeconds(1)) : new StoreUnavailableException("away", TimeSpan.FromSeconds(1));

        Assert.Same(refusal, await Record.ExceptionAsync(() => grid.Grid.Engine.FinishAsync(decoded, () => Task.FromException(refusal))));

        await grid.WriteAsync([At(0)]);
        Assert.Empty(await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None));
        Assert.Equal(0, counted.Count);
    }

    [Fact]
    public async Task A_write_that_finds_no_room_in_time_is_told_to_come_back()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(
            database, new GridOptions { Partitions = 2, InFlightBytes = 1 << 20, MaxWait = TimeSpan.FromMilliseconds(10) });
        var padding = "#" + new string('x', 600 << 10) + "\n";
        Task<WriteReport> first;
        await using (await TableLock.TakeAsync(database, FirstLog))
        {
            first = grid.WriteLinesAsync(padding + $"t,factory=f,machine=m s=0 {TestGrid.Day}");

            var busy = await Assert.ThrowsAsync<GridBusyException>(() => grid.WriteLinesAsync(padding));

            Assert.True(busy.RetryAfter > TimeSpan.Zero);
        }
        Assert.Equal(1, (await first).Accepted);
        await grid.SensorAsync("f/m/s");
        await Eventually.TrueAsync(async () => await IsAcceptedAsync(() => grid.WriteLinesAsync(padding)), "room again");
    }

    [Fact]
    public async Task Too_much_unsaved_history_holds_writes_back_until_it_is_saved()
    {
        var options = new GridOptions { Partitions = 8, Seal = new SealPolicy(16, 4), PendingHistoryBytes = 1 << 20 };
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, options);
        // Some history of every partition.
        var readings = Enumerable.Range(0, 100)
            .SelectMany(machine => Enumerable.Range(0, 20).Select(i => ($"f/m{machine}/s", new Reading(TestGrid.Day + (i * EventTime.Second), i)))).ToArray();
        await using (await TableLock.TakeAsync(database, "checkpoint"))
        {
            await grid.WriteAsync(readings);
            await grid.Grid.GetFactoryAsync("f", CancellationToken.None);

            var busy = await Assert.ThrowsAsync<GridBusyException>(() => grid.WriteAsync([At(0)]));

            Assert.Contains("history", busy.Message, StringComparison.Ordinal);
            Assert.True(grid.Grid.Info.IsReady);
        }
        await Eventually.TrueAsync(async () => await IsAcceptedAsync(() => grid.WriteAsync([At(0)])), "the history is saved");
    }

    [Fact]
    public async Task Late_readings_that_fill_the_memory_are_saved_long_before_a_checkpoint_is_due()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), new GridOptions { Partitions = 2, PendingHistoryBytes = 1 << 20 });
        await grid.WriteAsync(Enumerable.Range(100_000, 100).Select(At));

        // Four times what may wait, at 32 bytes each, in a fraction of the log that makes a checkpoint due.
        for (var late = 0; late < 130_000; late += 1000)
        {
            var readings = Enumerable.Range(late % 100_000, 1000).Select(At).ToArray();
            await Eventually.TrueAsync(async () => await IsAcceptedAsync(() => grid.WriteAsync(readings)), "there is room", TimeSpan.FromSeconds(60));
        }

        Assert.Equal(100_100, (await grid.ReadAsync("f/m/s")).Count);
    }

    [Fact]
    public async Task Queries_that_nobody_reads_to_the_end_stop_neither_writes_nor_checkpoints()
    {
        // Eight connections: four for queries.
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), new GridOptions { Partitions = 2, Seal = new SealPolicy(512, 64) });
        await grid.WriteAsync(Enumerable.Range(0, 20_000).Select(At));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var slow = new List<IAsyncEnumerator<ReadOnlyMemory<Reading>>>();
        for (var i = 0; i < 4; i++)
        {
            var readings = (await grid.Grid.GetReadingsAsync(new GridPath("f", "m", "s"), 0, EventTime.Max, CancellationToken.None))!.GetAsyncEnumerator();
            Assert.True(await readings.MoveNextAsync());
            slow.Add(readings);
        }

        await Assert.ThrowsAsync<GridBusyException>(() => grid.ReadAsync("f/m/s"));

        await grid.WriteAsync([At(20_000)]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.True(grid.Grid.Info.IsReady);
        foreach (var readings in slow)
        {
            await readings.DisposeAsync();
        }
        Assert.Equal(20_001, (await grid.ReadAsync("f/m/s")).Count);
    }

    private static (string, Reading) At(int second) => ("f/m/s", new Reading(TestGrid.Day + (second * EventTime.Second), second));

    private static async Task<bool> IsAcceptedAsync(Func<Task<WriteReport>> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (GridBusyException)
        {
            return false;
        }
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Listens to the metric of what was refused.</summary>
    private sealed class Rejected : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public Rejected()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "sensorgrid.input.rejected")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, rejected, _, _) => Interlocked.Add(ref _count, rejected));
            _listener.Start();
        }

        public long Count => Volatile.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
