using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Replays;
using SensorGrid.Historian;

namespace SensorGrid.Edge.Tests;

/// <summary>What rests while others work holds nothing of the store meanwhile.</summary>
[Collection(PostgresServer.Collection)]
public sealed class RestingTests(PostgresServer server)
{
    private const long End = TestGrid.Day + (2900 * EventTime.Minute);

    private const string OpenTransactions =
        "select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and xact_start is not null";

    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);
    private static readonly GridOptions OnePartition = new() { Partitions = 1, Seal = new SealPolicy(16, 4) };

    [Fact]
    public async Task A_judge_that_rests_holds_no_transaction()
    {
        var connection = await server.CreateDatabaseAsync();
        await FillAsync(connection, EventTime.Second, 30_000);
        await using var bystander = await Bystander.OpenAsync(connection);
        await using var watching = new NpgsqlConnection(connection + ";Pooling=false");
        await watching.OpenAsync();
        var open = new List<long>();
        var judge = bystander.Judge(Limits, () =>
        {
            using var command = new NpgsqlCommand(OpenTransactions, watching);
            open.Add((long)command.ExecuteScalar()!);
            return false;
        });

        await judge.JudgeAsync(false, CancellationToken.None);

        Assert.True(open.Count > 1, $"{open.Count} rests");
        Assert.All(open, count => Assert.Equal(0, count));
        Assert.Equal(0, await Table.ScalarAsync<long>(connection, "select count(*) from late_span"));
    }

    [Fact]
    public async Task A_judge_waits_for_no_query_and_neither_does_a_checkpoint_for_it()
    {
        var connection = await server.CreateDatabaseAsync();
        await FillAsync(connection, EventTime.Second, 30_000);
        await using var bystander = await Bystander.OpenAsync(connection);
        await using var slots = await SlotsAsync(bystander.Database);

        await bystander.Judge(Limits, () => false).JudgeAsync(false, CancellationToken.None);

        Assert.Equal(1, await Table.ScalarAsync<long>(connection, "select count(*) from flag where backfilled"));
    }

    [Fact]
    public async Task A_replay_whose_slices_nobody_takes_holds_neither_transaction_nor_query_and_waits_for_its_turn()
    {
        var connection = await server.CreateDatabaseAsync();
        await FillAsync(connection, EventTime.Minute, 3000);
        await using var bystander = await Bystander.OpenAsync(connection);
        var feed = Feed(bystander);
        using var stop = new CancellationTokenSource();
        var filling = feed.FillAsync(stop.Token);
        await using var slices = feed.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await slices.MoveNextAsync());
        var first = slices.Current;
        Assert.True(await slices.MoveNextAsync());

        Assert.Equal(0, await Table.ScalarAsync<long>(connection, OpenTransactions));
        await using (await SlotsAsync(bystander.Database))
        {
            feed.Return(first);
            for (var i = 0; i < 2; i++)
            {
                // Longer than a query waits, so that the replay has waited in vain at least once.
                await Assert.ThrowsAsync<GridBusyException>(() => bystander.Database.OpenQueryAsync(CancellationToken.None).AsTask());
            }
        }
        Assert.True(await slices.MoveNextAsync());
        await stop.CancelAsync();
        await filling;
    }

    [Fact]
    public async Task A_replay_meets_every_reading_though_late_ones_are_merged_between_its_slices()
    {
        var connection = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(connection, OnePartition);
        await grid.WriteAsync(Enumerable.Range(0, 3000).Where(i => i % 3 != 1 && i is < 900 or > 1900).Select(i => At(i, i)));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await using var bystander = await Bystander.OpenAsync(connection);
        // New ones, corrections, and some where nothing was; in the queue as long as they cannot be counted.
        await grid.WriteAsync(Enumerable.Range(0, 3000).Where(i => i % 3 == 1 || i % 10 == 0 || i is > 1000 and < 1700).Select(i => At(i, -i)));
        await using var queue = await TableLock.TakeAsync(connection, "late_count");
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var expected = await grid.ReadAsync("f/m/s", to: End);
        Assert.NotEqual(0, await Table.ScalarAsync<long>(connection, "select count(*) from late_segment"));
        var feed = Feed(bystander);
        var filling = feed.FillAsync(CancellationToken.None);
        var (replayed, slices) = (new List<Reading>(), 0);
        await foreach (var slice in feed.ReadAsync(CancellationToken.None))
        {
            replayed.AddRange(slice.IsEmpty ? [] : slice.Runs[0].ToArray());
            if (slices++ == 0)
            {
                await queue.DisposeAsync();
                await grid.Grid.RestateAsync(CancellationToken.None);
                Assert.Equal(0, await Table.ScalarAsync<long>(connection, "select count(*) from late_segment"));
            }
            feed.Return(slice);
        }
        await filling;

        Assert.True(slices > 3);
        Assert.Equal(expected, replayed);
    }

    [Fact]
    public async Task A_replay_that_retention_overtakes_fails_and_says_so()
    {
        var connection = await server.CreateDatabaseAsync();
        await FillAsync(connection, EventTime.Minute, 3000);
        await using var bystander = await Bystander.OpenAsync(connection);
        var feed = Feed(bystander);
        var filling = feed.FillAsync(CancellationToken.None);
        await using var slices = feed.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await slices.MoveNextAsync());
        var first = slices.Current;
        Assert.True(await slices.MoveNextAsync());
        await Table.ExecuteAsync(connection, $"insert into retention values ('readings', {TestGrid.Day + EventTime.Day})");

        feed.Return(first);

        var refused = await Assert.ThrowsAsync<ReplayRefusedException>(() => slices.MoveNextAsync().AsTask());
        Assert.Equal((ReplayRefusal.Cut, ReplayRefusedException.Cut(TestGrid.Day + EventTime.Day).Message), (refused.Refusal, refused.Message));
        await filling;
    }

    // One reading is beyond the limit, and a replay has yet to judge it.
    private static async Task FillAsync(string connection, long step, int count)
    {
        await using var grid = await TestGrid.StartAsync(connection, OnePartition, RuleSet.Parse("""{ "defaults": {} }"""u8));
        await grid.WriteAsync(Enumerable.Range(0, count).Select(i => At(i, i == count / 2 ? 60 : 20, step)));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.AbandonAsync();
        await Table.ExecuteAsync(
            connection, "insert into late_span (sensor, from_time, to_time) select id, $1, $1 from sensor", TestGrid.Day + (count / 2 * step));
    }

    // Without the tail, which only a twin has. Slices begin with ten minutes.
    private static ReplayFeed Feed(Bystander bystander) => new(
        bystander.Database, bystander.Partitions, [[.. bystander.Catalog.Matching(PathPattern.ParsePrefix("f")!)]], TestGrid.Day, End);

    private static (string, Reading) At(int index, double value, long step = EventTime.Minute) => ("f/m/s", new Reading(TestGrid.Day + (index * step), value));

    private static async Task<Slots> SlotsAsync(Database database)
    {
        var slots = new Slots();
        for (var i = 0; i < database.QueryConnections; i++)
        {
            slots.Add(await database.OpenQueryAsync(CancellationToken.None));
        }
        return slots;
    }

    private sealed class Slots : List<QueryConnection>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var slot in this)
            {
                await slot.DisposeAsync();
            }
        }
    }
}
