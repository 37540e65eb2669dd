using Npgsql;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;
using SensorGrid.Historian.Tests.Postgres;

namespace SensorGrid.Historian.Tests.Log;

/// <summary>A log that several programs append to, each to the partitions whose turn it has.</summary>
[Collection(PostgresTests.Name)]
public sealed class SharedLogTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Partitions = 4;

    // Beyond what the next waits, and far below what a test may take.
    private static readonly TimeSpan SomeSeconds = TimeSpan.FromSeconds(15);

    private readonly SetClock _clock = new(0);
    private NpgsqlDataSource? _direct;
    private Database? _first;
    private Database? _second;

    private Database First => _first!;

    private Database Second => _second!;

    public async Task InitializeAsync()
    {
        if (PostgresFixture.IsInstalled || PostgresFixture.MustRun)
        {
            _direct = await postgres.CreateDatabaseAsync();
            _first = new Database(_direct.ConnectionString + ";Application Name=first;Maximum Pool Size=8");
            _second = new Database(_direct.ConnectionString + ";Application Name=second;Maximum Pool Size=8");
        }
    }

    public async Task DisposeAsync()
    {
        if (_direct is not null)
        {
            await First.DisposeAsync();
            await Second.DisposeAsync();
            await _direct.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task Two_append_to_their_partitions_at_the_same_time_each_to_tables_of_its_own()
    {
        const int Rounds = 50;
        await using var first = await OpenAsync(First, [0, 2], generationBytes: 500);
        await using var second = await OpenAsync(Second, [1, 3], generationBytes: 500);

        async Task AppendAllAsync(PostgresLog log, int partition)
        {
            for (var i = 0; i < Rounds; i++)
            {
                await log.AppendAsync(Group((partition, i), (partition + 2, i)), default);
            }
        }
        await Task.WhenAll(Task.Run(() => AppendAllAsync(first, 0)), Task.Run(() => AppendAllAsync(second, 1)));

        for (var partition = 0; partition < Partitions; partition++)
        {
            Assert.Equal(Enumerable.Range(0, Rounds).Select(i => ((long)i, i)), await RowsAsync(first, partition));
            Assert.Equal(Enumerable.Range(0, Rounds).Select(i => ((long)i, i)), await RowsAsync(second, partition));
        }
        foreach (var table in await TablesAsync())
        {
            Assert.InRange((await QueryAsync($"select distinct partition % 2 from {LogTables.Name(table)}")).Count, 0, 1);
        }
    }

    [PostgresFact]
    public async Task A_partition_taken_over_goes_on_where_it_ended_and_the_former_writer_leaves_nothing_more_of_it()
    {
        await using var first = await OpenAsync(First, [0, 1]);
        await using var second = await OpenAsync(Second, [2]);
        await first.AppendAsync(Group((0, 10), (1, 20)), default);
        await first.AppendAsync(Group((0, 11)), default);

        await TakeAsync(second, 0);
        Assert.Equal(2, second.Next(0));
        await second.AppendAsync(Group((0, 12), (2, 30)), default);
        var replaced = await Assert.ThrowsAsync<WriterReplacedException>(() => first.AppendAsync(Group((0, 99), (1, 99)), default));

        Assert.Equal([0], replaced.Partitions);
        Assert.Equal((2, 1), (first.Next(0), first.Next(1)));
        Assert.Equal([(0, 10), (1, 11), (2, 12)], await RowsAsync(first, 0));
        Assert.Equal([(0, 20)], await RowsAsync(first, 1));
        // It has its other partition still, and the next has what it took for good.
        await first.AppendAsync(Group((1, 21)), default);
        await second.AppendAsync(Group((0, 13)), default);
        Assert.Equal([(0, 20), (1, 21)], await RowsAsync(second, 1));
        // Back again: it lies in tables of both, in turns.
        await TakeAsync(first, 0);
        await first.AppendAsync(Group((0, 14)), default);
        await Assert.ThrowsAsync<WriterReplacedException>(() => second.AppendAsync(Group((0, 99)), default));
        Assert.Equal([(0, 10), (1, 11), (2, 12), (3, 13), (4, 14)], await RowsAsync(second, 0));
        Assert.Equal([(3, 13), (4, 14)], await RowsAsync(second, 0, 3));
        Assert.Equal(["0 3 test", "1 1 test", "2 1 test"], await QueryAsync("select partition, turn, owner from partition_turn order by 1"));
    }

    [PostgresFact]
    public async Task A_partition_given_up_is_not_written_any_more()
    {
        await using var log = await OpenAsync(First, [0, 1]);

        log.Release(0);

        await Assert.ThrowsAsync<WriterReplacedException>(() => log.AppendAsync(Group((0, 1)), default));
        await log.AppendAsync(Group((1, 1)), default);
        Assert.Empty(await RowsAsync(log, 0));
    }

    [PostgresFact]
    public async Task What_the_checkpoints_have_passed_is_dropped_whoever_wrote_it_but_not_the_tables_appended_to()
    {
        await using var first = await OpenAsync(First, [0], generationBytes: 1);
        await using var second = await OpenAsync(Second, [1], generationBytes: 1);
        for (var i = 0; i < 3; i++)
        {
            await first.AppendAsync(Group((0, i)), default);
            await second.AppendAsync(Group((1, i)), default);
        }
        // What each appends to now, and the second's before, which nothing has passed.
        await PassAsync(0, 3);
        await PassAsync(1, 1);
        var mine = (await TablesAsync()).Count;

        await first.TrimAsync(false, default);
        Assert.Equal(mine, (await TablesAsync()).Count);
        _clock.Now += 31 * EventTime.Second;
        await first.TrimAsync(false, default);

        // The first's third and the second's second and third stay.
        Assert.Equal(3, (await TablesAsync()).Count);
        Assert.Equal([(2, 2)], await RowsAsync(first, 0));
        Assert.Equal([(1, 1), (2, 2)], await RowsAsync(first, 1));
        await PassAsync(1, 3);
        await first.TrimAsync(false, default);
        _clock.Now += 31 * EventTime.Second;
        await first.TrimAsync(false, default);
        Assert.Equal(2, (await TablesAsync()).Count);
        await first.AppendAsync(Group((0, 3)), default);
        await second.AppendAsync(Group((1, 3)), default);
        // Even the last time, for good: the other's table is its own.
        await PassAsync(0, 4);
        await PassAsync(1, 4);
        await first.TrimAsync(true, default);
        await second.AppendAsync(Group((1, 4)), default);
        Assert.Equal([(4, 4)], await RowsAsync(second, 1, 4));
    }

    [PostgresFact]
    public async Task A_writer_that_stands_still_in_a_transaction_does_not_keep_its_partition_from_the_next()
    {
        await using var first = await OpenAsync(First, [0, 1]);
        await using var second = await OpenAsync(Second, [2]);
        await using var standing = await First.OpenAsync(default);
        await using var transaction = await standing.BeginTransactionAsync();
        await First.HoldTurnsAsync(standing, [0], default);
        // Somebody else's transaction that stands still, without a turn, is none of its business.
        await using var bystander = await _direct!.OpenConnectionAsync();
        await using var other = await bystander.BeginTransactionAsync();
        await using (var touch = new NpgsqlCommand("select count(*) from sensor", bystander))
        {
            await touch.ExecuteScalarAsync();
        }

        await TakeAsync(second, 0).WaitAsync(SomeSeconds);

        await second.AppendAsync(Group((0, 1)), default);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
        await other.CommitAsync();
        await first.AppendAsync(Group((1, 1)), default);
        await Assert.ThrowsAsync<WriterReplacedException>(() => first.AppendAsync(Group((0, 2)), default));
    }

    private async Task<PostgresLog> OpenAsync(Database database, int[] partitions, long generationBytes = 128L << 20)
    {
        var log = new PostgresLog(
            database, Partitions, new PostgresLogOptions { IsShared = true, GenerationBytes = generationBytes, TrimInterval = TimeSpan.Zero }, _clock);
        await log.ConnectAsync(default);
        await TakeAsync(log, partitions);
        return log;
    }

    private static async Task TakeAsync(PostgresLog log, params int[] partitions)
    {
        await log.ClaimAsync(partitions, "test", default);
        await log.OpenAsync(partitions, new long[Partitions], default);
    }

    private Task PassAsync(int partition, long position) => QueryAsync(
        $"insert into checkpoint (partition, position, revision) values ({partition}, {position}, 1) on conflict (partition) do update set position = {position} returning position");

    // Rows of one reading each, told apart by its value.
    private static LogGroup Group(params (int Partition, int Value)[] rows)
    {
        var group = new LogGroup();
        foreach (var (partition, value) in rows)
        {
            using var block = new ReadingBlock();
            block.Add(0, 0, value, Quality.Good);
            group.Rows.Add(new LogRow(partition, 1, LogRowCodecTests.EncodeAll(block).Single()));
        }
        return group;
    }

    private static async Task<List<(long Position, int Value)>> RowsAsync(PostgresLog log, int partition, long from = 0)
    {
        var rows = new List<(long, int)>();
        await foreach (var row in log.ReadAsync(partition, from, default))
        {
            using var block = new ReadingBlock();
            LogRowCodec.Decode(row.Data.Span, block);
            rows.Add((row.Position, (int)block.Values[0]));
        }
        return rows;
    }

    private async Task<List<long>> TablesAsync()
    {
        await using var connection = await _direct!.OpenConnectionAsync();
        return await LogTables.ListAsync(connection, default);
    }

    private Task<List<string>> QueryAsync(string sql) => new HistoryWriter(_direct!).QueryAsync(sql);
}
