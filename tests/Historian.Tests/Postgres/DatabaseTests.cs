using Npgsql;
using SensorGrid.Core.Grid;

namespace SensorGrid.Historian.Tests.Postgres;

[Collection(PostgresTests.Name)]
public sealed class DatabaseTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(PostgresErrorCodes.CannotConnectNow, "the store does not take or give data: 57P03: not yet")]
    [InlineData(PostgresErrorCodes.DiskFull, "the store does not take or give data: its disk is full: 53100: not yet")]
    public void A_fault_of_the_store_is_one_line_without_Npgsqls_advice(string state, string expected) =>
        Assert.Equal(expected, Database.Unavailable(new PostgresException("not yet", "FATAL", "FATAL", state, detail: "Consistent recovery has not been reached.")).Message);

    [PostgresFact]
    public async Task Queries_beyond_their_number_are_busy_and_take_no_connection_of_the_grids_own()
    {
        await using var source = await postgres.CreateEmptyDatabaseAsync();
        await using var database = new Database(source.ConnectionString + ";Maximum Pool Size=8");
        Assert.Equal((4, 4), (database.OwnConnections, database.QueryConnections));
        var queries = new List<QueryConnection>();
        for (var i = 0; i < database.QueryConnections; i++)
        {
            queries.Add(await database.OpenQueryAsync(default));
        }

        var busy = await Assert.ThrowsAsync<GridBusyException>(() => database.OpenQueryAsync(default).AsTask());

        Assert.True(busy.RetryAfter > TimeSpan.Zero);
        Assert.False(Database.IsStoreFault(busy));
        var own = new List<NpgsqlConnection>();
        for (var i = 0; i < database.OwnConnections; i++)
        {
            own.Add(await database.OpenAsync(default));
        }
        var waiting = database.OpenQueryAsync(default).AsTask();
        await queries[0].DisposeAsync();
        await queries[0].DisposeAsync();
        queries[0] = await waiting;
        await Assert.ThrowsAsync<GridBusyException>(() => database.OpenQueryAsync(default).AsTask());
        foreach (var held in queries.Cast<IAsyncDisposable>().Concat(own))
        {
            await held.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("08006", true)]
    [InlineData("25006", true)]
    [InlineData("40P01", true)]
    [InlineData("42501", true)]
    [InlineData("53100", true)]
    [InlineData("53300", true)]
    [InlineData("55P03", true)]
    [InlineData("57P01", true)]
    [InlineData("58030", true)]
    [InlineData("22021", false)]
    [InlineData("23505", false)]
    [InlineData("42P01", false)]
    [InlineData("54000", false)]
    [InlineData("P0001", false)]
    public void What_the_server_says_of_itself_is_a_fault_of_the_store_and_the_rest_a_refusal(string sqlState, bool isStoreFault)
    {
        var fault = new PostgresException("message", "ERROR", "ERROR", sqlState);

        Assert.Equal((isStoreFault, !isStoreFault, true), (Database.IsStoreFault(fault), Database.IsRefusal(fault), Database.IsFault(fault)));
    }

    [Fact]
    public void A_broken_connection_is_a_fault_of_the_store()
    {
        Assert.True(Database.IsStoreFault(new NpgsqlException("Exception while reading from stream", new IOException())));
        Assert.False(Database.IsStoreFault(new InvalidOperationException()));
        Assert.False(Database.IsRefusal(new InvalidOperationException()));
        Assert.False(Database.IsFault(new InvalidOperationException()));
    }

    [PostgresFact]
    public async Task A_connection_cut_while_it_opens_is_a_fault_of_the_store_and_the_next_is_whole()
    {
        await using var source = await postgres.CreateEmptyDatabaseAsync();
        var direct = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        await using var proxy = new CuttingProxy(direct.Host!);
        await using var database = new Database(new NpgsqlConnectionStringBuilder(source.ConnectionString) { Host = proxy.Folder }.ConnectionString);
        proxy.CutBefore("application_name");

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(database));

        Assert.True(Database.IsStoreFault(fault), fault.ToString());
        Assert.Equal(0, proxy.Left);
        await AskAsync(database);
    }

    private static async Task AskAsync(Database database)
    {
        await using var connection = await database.OpenAsync(default);
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("select 1", connection);
        Assert.Equal(1, await command.ExecuteScalarAsync());
    }
}
