using Npgsql;
using SensorGrid.Historian.Queries;
using SensorGrid.Historian.Restating;

namespace SensorGrid.Historian.Tests.Postgres;

[Collection(PostgresTests.Name)]
public sealed class LateSpanTableTests(PostgresFixture postgres)
{
    [PostgresFact]
    public async Task What_waits_for_damaged_segments_is_not_on_its_way()
    {
        await using var source = await postgres.CreateDatabaseAsync();
        await ExecuteAsync(source, "insert into sensor select i, 'f', 'm', 's' || i, 's', 0 from generate_series(1, 3) i");
        await ExecuteAsync(source, "insert into late_span (sensor, from_time, to_time) values (1, 5, 6), (2, 5, 6), (3, 5, 6)");
        await ExecuteAsync(
            source, "insert into late_segment (sensor, start_time, end_time, count, data, judge) values (1, 10, 30, 1, '', true), (2, 40, 50, 1, '', true), (3, 10, 30, 1, '', false)");
        await using var database = new Database(source.ConnectionString);

        Task<List<LateSpanSensor>> ReadAsync(params SensorSpan[] damage) => LateSpanTable.SensorsAsync(database, [0], 0, 10, TimeSpan.FromHours(1), damage, default);

        Assert.Equal([true, true, false], (await ReadAsync()).Select(s => s.HasLate));
        // The first row reaches from one damaged segment into another.
        Assert.Equal(
            [false, true, false], (await ReadAsync(new(1, 5, 15), new(1, 25, 35), new(2, 5, 35), new(3, 40, 51))).Select(s => s.HasLate));
    }

    [PostgresFact]
    public async Task A_read_waits_for_others_longer_than_a_query_would()
    {
        await using var source = await postgres.CreateDatabaseAsync();
        await ExecuteAsync(source, "insert into sensor select i, 'f', 'm', 's' || i, 's', 0 from generate_series(1, 3) i");
        await ExecuteAsync(source, "insert into late_span (sensor, from_time, to_time) values (1, 5, 6)");
        await using var database = new Database(source.ConnectionString + ";Command Timeout=1");
        Task[] reads;
        await using (var other = await source.OpenConnectionAsync())
        {
            await using var hold = new NpgsqlCommand("begin; lock table late_span in access exclusive mode", other);
            await hold.ExecuteNonQueryAsync();
            reads = [LateSpanTable.SensorsAsync(database, [0], 0, 10, TimeSpan.FromHours(1), [], default), LateSpanTable.ReadAsync(database, 1, [], 10, default)];
            await Eventually.TrueAsync(
                async () => reads.Any(r => r.IsCompleted) || await ScalarAsync(
                    source, "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and now() - query_start > '1.5 s' and datname = current_database()") == 2,
                "both have waited for more than a second");
        }
        await Task.WhenAll(reads);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
