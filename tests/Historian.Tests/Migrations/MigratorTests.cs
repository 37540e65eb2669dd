using Npgsql;
using SensorGrid.Historian.Migrations;
using SensorGrid.Historian.Tests.Postgres;

namespace SensorGrid.Historian.Tests.Migrations;

[Collection(PostgresTests.Name)]
public sealed class MigratorTests(PostgresFixture postgres)
{
    private static readonly Migration First = new(1, "first", "create table a (n int);\ninsert into a values (1);");
    private static readonly Migration Second = new(2, "second", "insert into a values (2);");

    [PostgresFact]
    public async Task AppliesWhatIsMissingInOrder()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();
        Assert.Equal(1, await MigrateAsync(database, First));
        Assert.Equal(1, await MigrateAsync(database, First, Second));
        Assert.Equal(0, await MigrateAsync(database, First, Second));
        Assert.Equal("1,2", await ScalarAsync(database, "select string_agg(n::text, ',' order by n) from a"));
        Assert.Equal(
            $"1 first {First.Sha256},2 second {Second.Sha256}",
            await ScalarAsync(database, "select string_agg(version || ' ' || name || ' ' || sha256, ',' order by version) from schema_version"));
    }

    [PostgresFact]
    public async Task RefusesADatabaseOfANewerProgram()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();
        await MigrateAsync(database, First, Second);
        var refused = await Assert.ThrowsAsync<NewerSchemaException>(() => MigrateAsync(database, First));
        Assert.Equal((2, 1), (refused.DatabaseVersion, refused.ProgramVersion));
        Assert.Equal("The database has schema version 2, this program knows versions up to 1: use a newer program.", refused.Message);
        Assert.Equal(0, await MigrateAsync(database, First, Second));
    }

    [PostgresFact]
    public async Task RefusesALandedMigrationOfAnotherText()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();
        await MigrateAsync(database, First);
        var changed = First with { Sql = First.Sql + " " };
        await Assert.ThrowsAsync<InvalidOperationException>(() => MigrateAsync(database, new Migration(1, "first", changed.Sql), Second));
        Assert.Equal("1", await ScalarAsync(database, "select string_agg(n::text, ',') from a"));
    }

    [PostgresFact]
    public async Task AFailedMigrationLeavesNothingAndReleasesTheLock()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();
        var broken = new Migration(2, "broken", "insert into a values (9); select 1 / 0;");
        await Assert.ThrowsAsync<PostgresException>(() => MigrateAsync(database, First, broken));
        Assert.Equal("1", await ScalarAsync(database, "select string_agg(n::text, ',') from a"));
        Assert.Equal("0", await ScalarAsync(database, "select count(*)::text from pg_locks where locktype = 'advisory'"));
        Assert.Equal(1, await MigrateAsync(database, First, Second));
    }

    [PostgresFact]
    public async Task ProgramsStartedTogetherMigrateOnce()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();
        using var together = new Barrier(4);
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return MigrateAsync(database, First, Second).GetAwaiter().GetResult();
            },
            TaskCreationOptions.LongRunning)));
        Assert.Equal(2, applied.Sum());
        Assert.Equal("1,2", await ScalarAsync(database, "select string_agg(n::text, ',' order by n) from a"));
    }

    [Fact]
    public void RefusesAGapInTheVersions() => Assert.Throws<ArgumentException>(() => new Migrator([First, new Migration(3, "third", "")]));

    [PostgresFact]
    public async Task TheProgramsSchemaCreatesLogGenerationsWithoutToast()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await ScalarAsync(database, "select create_log_table(12)::text");
        await ScalarAsync(database, "select create_log_table(12)::text");
        Assert.Equal("t", await ScalarAsync(
            database, "select (reltoastrelid = 0 and reloptions @> '{autovacuum_enabled=off}')::text::char from pg_class where relname = 'log_00000012'"));
        await ScalarAsync(database, "insert into log_00000012 select 1, n, 1, convert_to(repeat('x', 8000), 'UTF8') from generate_series(1, 10) n returning '1'");
        Assert.Equal("10", await ScalarAsync(database, "select (pg_relation_size('log_00000012') / 8192)::text"));
    }

    private static async Task<int> MigrateAsync(NpgsqlDataSource database, params Migration[] migrations)
    {
        await using var connection = await database.OpenConnectionAsync();
        return await new Migrator(migrations).MigrateAsync(connection);
    }

    private static async Task<string?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync() as string;
    }
}
