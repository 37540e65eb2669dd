using Npgsql;
using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>The view readings and the function readings_between: everything durable, once, as last written.</summary>
[Collection(PostgresTests.Name)]
public sealed class SqlReadingsTests(PostgresFixture postgres)
{
    private const string All = "select sensor, micros_of(time) / 1000000, value, quality from readings order by 1, 2";

    [PostgresFact]
    public async Task LastWrittenWins()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var history = new HistoryWriter(database);
        await history.SensorAsync(0, "press", "a");
        await history.SensorAsync(1, "press", "b");
        await history.SensorAsync(2, "lathe", "c", partition: 1);
        await history.SegmentAsync(0, At(1, 1), At(2, 2), At(3, 3), At(4, 4), At(5, 5));
        await history.SegmentAsync(0, At(6, 6), At(7, 7));
        await history.SnapshotAsync(0, 0, (0, [At(8, 8), At(9, 9)]), (1, [At(1, 1)]));
        await history.SnapshotAsync(0, 1);
        await history.LateAsync(0, At(2, 20), At(3, 30), At(8, 80), At(15, 150));
        await history.LateAsync(0, At(3, 31, Quality.Uncertain), At(4, 41));
        await history.CheckpointAsync(0, 100);
        await history.CreateLogAsync(1);
        await history.CreateLogAsync(2);
        // Ordinals 98 and 99 lie before the checkpoint; 100 and 103 write the same reading.
        await history.LogAsync(1, 0, 90, (0, At(1, -1)));
        await history.LogAsync(1, 0, 98, (0, At(5, -1)), (0, At(6, -1)), (0, At(4, 42)), (1, At(2, 2)), (0, At(10, 10)), (0, At(4, 43)));
        await history.LogAsync(2, 0, 104, (0, At(9, 90, Quality.Bad)), (0, At(10, 11)));
        // A partition without a checkpoint begins at 0.
        await history.LogAsync(2, 1, 0, (2, At(1, 5)), (2, At(1, 5)));
        Assert.Equal(
            [
                "a 1 1 good", "a 2 20 good", "a 3 31 uncertain", "a 4 43 good", "a 5 5 good", "a 6 6 good", "a 7 7 good", "a 8 80 good",
                "a 9 90 bad", "a 10 11 good", "a 15 150 good", "b 1 1 good", "b 2 2 good", "c 1 5 good",
            ],
            await history.QueryAsync(All));
        Assert.Equal(
            ["plant press b 1 good", "plant press b 2 good"],
            await history.QueryAsync("select factory, machine, sensor, value, quality from readings where machine = 'press' and sensor = 'b' order by time"));
        Assert.Equal(
            ["press 13"], await history.QueryAsync("select machine, count(*) from readings where machine = 'press' group by 1"));
    }

    [PostgresFact]
    public async Task IsEmptyWithoutData()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var history = new HistoryWriter(database);
        Assert.Empty(await history.QueryAsync(All));
        Assert.Empty(await history.QueryAsync("select * from readings_between('*/*/*', null, null)"));
        await history.SensorAsync(0, "press", "a");
        await history.CreateLogAsync(1);
        Assert.Empty(await history.QueryAsync(All));
        Assert.Empty(await history.QueryAsync("select * from windows"));
    }

    [PostgresFact]
    public async Task EqualsAModelOfRandomWrites()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            await using var database = await postgres.CreateDatabaseAsync();
            var history = new HistoryWriter(database);
            var model = await RandomHistory.WriteAsync(history, new Random(seed));
            const string columns = "select machine || '/' || sensor, micros_of(time), value, quality from";
            Assert.Equal(model.Rows(0, long.MaxValue, _ => true), await history.QueryAsync($"{columns} readings order by 1, 2"));
            Assert.Equal(
                model.Rows(0, long.MaxValue, path => path.StartsWith("m1/", StringComparison.Ordinal)),
                await history.QueryAsync($"{columns} readings where machine = 'm1' order by 1, 2"));
            var random = new Random(seed + 100);
            for (var i = 0; i < 10; i++)
            {
                var (from, to) = (random.NextInt64(model.End), random.NextInt64(model.End));
                Assert.Equal(
                    model.Rows(from, to, path => path.EndsWith("s1", StringComparison.Ordinal)),
                    await history.QueryAsync($"{columns} readings_between('*/m*/*1', time_of($1), time_of($2)) order by 1, 2", from, to));
            }
        }
    }

    [PostgresFact]
    public async Task PatternsMatchWithinAPart()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var history = new HistoryWriter(database);
        string[] paths = ["press/temp", "press/temp_1", "press/tempX1", "press-2/temp.1", "lathe/speed"];
        for (var i = 0; i < paths.Length; i++)
        {
            await history.SensorAsync(i, paths[i].Split('/')[0], paths[i].Split('/')[1]);
            await history.SegmentAsync(i, At(1, i));
        }
        async Task<string> Matching(string pattern) =>
            string.Join(' ', await history.QueryAsync("select value from readings_between($1, null, null) order by value", pattern));
        Assert.Equal("0 1 2 3 4", await Matching("*/*/*"));
        Assert.Equal("1", await Matching("plant/press/temp_1"));
        Assert.Equal("0 1 2", await Matching("plant/press/temp*"));
        Assert.Equal("0 1 2 3", await Matching("pl*t/press*/*"));
        Assert.Equal("", await Matching("plant/%/%"));
        Assert.Equal("", await Matching("Plant/press/temp"));
        await Assert.ThrowsAsync<PostgresException>(() => Matching("plant/press"));
    }

    [PostgresFact]
    public async Task BoundsAreFromInclusiveToExclusive()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var history = new HistoryWriter(database);
        await history.SensorAsync(0, "press", "a");
        await history.SegmentAsync(0, At(10, 1), At(20, 2));
        await history.SegmentAsync(0, At(30, 3), At(40, 4));
        await history.SegmentAsync(0, At(50, 5), At(60, 6));
        async Task<string> Between(string from, string to) => string.Join(
            ' ', await history.QueryAsync($"select value from readings_between('plant/press/a', {from}, {to}) order by value"));
        Assert.Equal("2 3 4", await Between("time_of(20000000)", "time_of(50000000)"));
        Assert.Equal("2 3 4 5", await Between("time_of(20000000)", "time_of(50000001)"));
        Assert.Equal("3 4 5 6", await Between("time_of(20000001)", "'infinity'"));
        Assert.Equal("1 2", await Between("'-infinity'", "time_of(30000000)"));
        Assert.Equal("1 2 3 4 5 6", await Between("null", "null"));
        Assert.Equal("", await Between("time_of(50000000)", "time_of(20000000)"));
    }

    [PostgresFact]
    public async Task WindowsAreComputedFromTheirSums()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var history = new HistoryWriter(database);
        await history.SensorAsync(0, "press", "a");
        // 2, 4 and 9 (sum split in two, M2 26), of four readings; held 10 s, 20 s: (0 * 10 + 2 * 20) / 30 above the first.
        await history.ExecuteAsync(
            """
            insert into window_statistics (sensor, size_seconds, start_time, revision, count, good_count, usable_count, sum, compensation, m2,
                min, max, first_time, first_value, last_time, last_value, weighted_integral, weighted_duration)
            values (0, 60, 60000000, 1, 4, 2, 3, 14, 1, 26, 2, 9, 60000000, 2, 90000000, 9, 40000000, 30000000),
                (0, 60, 120000000, 1, 1, 1, 1, 7, 0, 0, 7, 7, 120000000, 7, 120000000, 7, 0, 0),
                (0, 60, 180000000, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            """);
        Assert.Equal(
            [
                "plant press a 00:01:00 60 4 2 15 5 2 9 3.605551275463989 2 9 3.333333333333333",
                "plant press a 00:01:00 120 1 1 7 7 7 7 null 7 7 7",
                "plant press a 00:01:00 180 1 0 null null null null null null null null",
            ],
            await history.QueryAsync(
                """
                select factory, machine, sensor, size, micros_of(start) / 1000000, count, good_count, sum, mean, min, max, stddev, first, last,
                    time_weighted_mean from windows order by start
                """));
    }

    private static Reading At(int second, double value, Quality quality = Quality.Good) => new(second * EventTime.Second, value, quality);
}
