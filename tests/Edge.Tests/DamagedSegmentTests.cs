using Microsoft.Extensions.Logging;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Engine;
using SensorGrid.Engine.Retention;

namespace SensorGrid.Edge.Tests;

/// <summary>A stored segment with damage: what needs it says so, all else goes on, and nobody touches it.</summary>
[Collection(PostgresServer.Collection)]
public sealed class DamagedSegmentTests(PostgresServer server)
{
    private const string Path = "f/m/b";
    private const string Other = "f/m/a";

    private static readonly string[] Paths = [Path, Other];

    public static TheoryData<string> Damages => new(
        "data = set_byte(data, length(data) / 2, get_byte(data, length(data) / 2) # 1)",
        "data = set_byte(data, 0, 9)",
        "data = substring(data, 1, length(data) / 2)",
        "data = ''",
        "data = substring(data, 1, length(data) - 4) || '\\x00000000'",
        "data = convert_to('nonsense nonsense nonsense', 'UTF8')",
        "data = (select g.data from segment g order by start_time limit 1)",
        "count = count + 1",
        "count = count - 1",
        "count = 2147483647");

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_needs_it_is_refused_by_name_and_the_rest_is_answered(string damage)
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await FilledAsync(database, logs);
        var model = Model();
        var (start, end) = await SpoilAsync(database, damage);

        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<DamagedHistoryException>(() => grid.ReadAsync(Path));
            Assert.StartsWith($"The history of {Path} from {EventTime.Format(start)} to {EventTime.Format(end)} (", refused.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<DamagedHistoryException>(() => grid.WindowsAsync(Path, EventTime.Minute, start, end));
        }
        Assert.Equal(model.Readings(Path).Where(r => r.Time < start), await grid.ReadAsync(Path, 0, start));
        Assert.Equal(model.Readings(Path).Where(r => r.Time > end), await grid.ReadAsync(Path, end + 1));
        Assert.Equal(model.Readings(Other), await grid.ReadAsync(Other));
        // Windows that were stored when they closed are as right as ever.
        var hours = await grid.WindowsAsync(Path, EventTime.Hour, TestGrid.Day, TestGrid.Day + (4 * EventTime.Hour));
        Assert.Equal(4, hours.Count);
        Assert.NotEmpty(await grid.WindowsAsync(Path, EventTime.Minute, end + EventTime.Minute, EventTime.Max));
        var view = await grid.SensorAsync(Path);
        Assert.Equal(model.Readings(Path).Last(), view.Last);
        Assert.Single(Errors(logs));
        Assert.Contains($"A segment of {Path} is damaged (sensor 0, start_time {start})", Errors(logs)[0], StringComparison.Ordinal);
        // Stopped, started and ended suddenly, with a snapshot that is damaged too.
        await grid.StopAsync();
        await grid.StartAsync();
        await grid.AbandonAsync();
        await Table.ExecuteAsync(database, "update snapshot set state = ''");
        await grid.StartAsync();
        Assert.Equal(model.Readings(Path).Last(), (await grid.SensorAsync(Path)).Last);
        Assert.Equal(model.Readings(Path).Where(r => r.Time > end), await grid.ReadAsync(Path, end + 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Late_readings_of_its_span_wait_and_all_others_are_merged(int seed)
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await FilledAsync(database, logs);
        var model = Model();
        var (start, end) = await SpoilAsync(database, "data = set_byte(data, 20, get_byte(data, 20) # 1)");
        var data = await DataAsync(database, start);
        var random = new Random(seed);
        for (var round = 0; round < 4; round++)
        {
            // All over, again and again at the same times: of each the last written must win, now and when the segment is back.
            var late = Enumerable.Range(0, 300).Select(_ => (Paths[random.Next(2)], new Reading(TestGrid.Day + (random.Next(3000) * 5 * EventTime.Second), random.Next(1000)))).ToList();
            foreach (var (path, reading) in late)
            {
                model.Write(path, reading);
            }
            await grid.WriteAsync(late);
            await grid.Grid.CheckpointAsync(CancellationToken.None);
            await grid.Grid.RestateAsync(CancellationToken.None);
            if (round == 1)
            {
                await grid.AbandonAsync();
                await grid.StartAsync();
            }
        }

        Assert.Equal(0, await Table.ScalarAsync<long>(database, $"select count(*) from late_segment where start_time < {start} or end_time > {end}"));
        Assert.InRange(await Table.ScalarAsync<long>(database, "select count(*) from late_segment"), 1, 1000);
        Assert.Equal(data, await DataAsync(database, start));
        Assert.Equal(model.Readings(Path).Where(r => r.Time < start), await grid.ReadAsync(Path, 0, start));
        Assert.Equal(model.Readings(Path).Where(r => r.Time > end), await grid.ReadAsync(Path, end + 1));
        Assert.Equal(model.Readings(Other), await grid.ReadAsync(Other));
        // What could not be restated is not shown in SQL; all else is.
        Assert.Equal(2, Errors(logs).Count);
        Assert.Equal(1, await Table.ScalarAsync<long>(database, "select count(distinct sensor) from window_statistics where stale"));
        Assert.Equal(0, await Table.ScalarAsync<long>(database, $"select count(*) from window_statistics where stale and (start_time > {end} or start_time + size_seconds * 1000000::bigint <= {start})"));

        // Somebody brings it back.
        await SpoilAsync(database, "data = set_byte(data, 20, get_byte(data, 20) # 1)", start);
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
        await grid.Grid.RestateAsync(CancellationToken.None);
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from late_segment"));
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from window_statistics where stale"));
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
        Assert.Equal(model.Readings(Path), await grid.ReadSqlAsync(Path));
        foreach (var size in new[] { EventTime.Minute, EventTime.Hour, EventTime.Day })
        {
            model.AssertWindows(Path, size, await grid.WindowsAsync(Path, size, TestGrid.Day, TestGrid.Day + EventTime.Day));
        }
    }

    [Fact]
    public async Task A_twin_is_not_put_right_again_and_again_where_the_segment_before_its_day_is_damaged()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, new GridOptions { Partitions = 1 });
        Task WriteAsync(long from, int count) => grid.WriteAsync(Enumerable.Range(0, count).Select(i => (Path, new Reading(from + (i * EventTime.Second), i))));
        // What is sealed of the first day is a segment of its own; what is not, of the second, another.
        await WriteAsync(TestGrid.Day, 48);
        await WriteAsync(TestGrid.Day + EventTime.Day, 9);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await WriteAsync(TestGrid.Day + EventTime.Day + EventTime.Hour, 60);
        await grid.WriteAsync([(Path, new Reading(TestGrid.Day + EventTime.Day + (2 * EventTime.Minute), 7))]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(1, await Table.ExecuteAsync(database, $"update segment set data = '' where end_time < {TestGrid.Day + EventTime.Day}"));
        await grid.Grid.RestateAsync(CancellationToken.None);

        await using (await TableLock.TakeAsync(database, "segment"))
        {
            // Nothing reads what is locked.
            await grid.Grid.RestateAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);
        }

        // It is given up: then the twin is put right.
        Assert.Equal(1, await Table.ExecuteAsync(database, "delete from segment where data = ''"));
        var left = await grid.ReadAsync(Path);
        Assert.Equal(9 + 60 + 1, left.Count);
        await grid.Grid.RestateAsync(CancellationToken.None);
        PlainModel.AssertWindow([.. left], Assert.Single((await grid.SensorAsync(Path)).Windows, w => w.Size == EventTime.Day && w.Start > TestGrid.Day));
    }

    [Fact]
    public async Task Late_readings_of_several_damaged_segments_wait_in_one_row()
    {
        const string Flip = "data = set_byte(data, 20, get_byte(data, 20) # 1)";
        var database = await server.CreateDatabaseAsync();
        await using var grid = await FilledAsync(database, new LogLines());
        var model = Model();
        var (first, _) = await SpoilAsync(database, Flip);
        var second = await Table.ScalarAsync<long>(database, "select start_time from segment where sensor = 0 order by start_time offset 3 limit 1");
        await SpoilAsync(database, Flip, second);
        var late = Enumerable.Range(0, 400).Select(i => new Reading(TestGrid.Day + (i * EventTime.Minute) + 1, i)).ToList();
        late.ForEach(r => model.Write(Path, r));
        await grid.WriteAsync(late.Select(r => (Path, r)));
        await grid.Grid.CheckpointAsync(CancellationToken.None);

        await grid.Grid.RestateAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);

        Assert.Equal(1, await Table.ScalarAsync<long>(database, "select count(*) from late_segment"));
        Assert.Equal(model.Readings(Path).Where(r => r.Time < first), await grid.ReadAsync(Path, 0, first));
        await SpoilAsync(database, Flip, first);
        await Assert.ThrowsAsync<DamagedHistoryException>(() => grid.ReadAsync(Path));
        await SpoilAsync(database, Flip, second);
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
        await grid.Grid.RestateAsync(CancellationToken.None).WaitAsync(Eventually.Deadline);
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from late_segment"));
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
    }

    [Fact]
    public async Task A_damaged_row_of_late_readings_waits_with_those_of_its_span()
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await FilledAsync(database, logs);
        var model = Model();
        async Task WriteAsync(int from, int to, double value)
        {
            var late = Enumerable.Range(from, to - from).Select(i => new Reading(TestGrid.Day + (i * EventTime.Minute) + 1, value)).ToList();
            late.ForEach(r => model.Write(Path, r));
            await grid.WriteAsync(late.Select(r => (Path, r)));
            await grid.Grid.CheckpointAsync(CancellationToken.None);
        }
        // It is merged as soon as it is stored, so it is stored damaged.
        var start = TestGrid.Day + (30 * EventTime.Minute) + 1;
        await Table.ExecuteAsync(database, $$"""
            create function spoil() returns trigger language plpgsql as 'begin new.data = set_byte(new.data, 9, get_byte(new.data, 9) # 8); return new; end';
            create trigger spoil before insert on late_segment for each row when (new.start_time = {{start}}) execute function spoil();
            """);
        await WriteAsync(10, 20, 1);
        await WriteAsync(30, 40, 2);
        await WriteAsync(5, 35, 3);

        await grid.Grid.RestateAsync(CancellationToken.None);

        Assert.Equal(2, await Table.ScalarAsync<long>(database, "select count(*) from late_segment"));
        await Assert.ThrowsAsync<DamagedHistoryException>(() => grid.ReadAsync(Path));
        var end = TestGrid.Day + (30 * EventTime.Minute);
        Assert.Equal(model.Readings(Path).Where(r => r.Time < end), await grid.ReadAsync(Path, 0, end));
        Assert.Single(Errors(logs));

        await Table.ExecuteAsync(
            database, "update late_segment set data = set_byte(data, 9, get_byte(data, 9) # 8) where id = (select min(id) from late_segment where start_time = $1)", start);
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
        await grid.Grid.RestateAsync(CancellationToken.None);
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from late_segment"));
        Assert.Equal(model.Readings(Path), await grid.ReadAsync(Path));
    }

    [Fact]
    public async Task A_replay_of_it_fails_with_the_reason_and_one_of_what_is_known_to_be_damaged_is_refused()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await FilledAsync(database, new LogLines());
        await SpoilAsync(database, "data = set_byte(data, 0, 9)");

        // Its first sensor is well.
        var replay = await ReplayAsync(grid);
        var refused = await Assert.ThrowsAsync<DamagedHistoryException>(
            () => grid.Grid.Replays.StartAsync(new ReplayRequest(Path, TestGrid.Day, TestGrid.Day + EventTime.Day), CancellationToken.None));

        Assert.Equal(ReplayState.Failed, replay.State);
        Assert.Equal(refused.Message, replay.Fault);
        Assert.StartsWith($"The history of {Path} from", replay.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_goes_on_and_keeps_the_windows_that_can_be_known()
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        var clock = new SetClock(TestGrid.Day + EventTime.Day);
        await using var grid = await FilledAsync(database, logs, new GridOptions { Partitions = 1, Retention = new RetentionOptions { Readings = TimeSpan.FromDays(2) } }, clock);
        clock.Now += 4 * EventTime.Day;
        // So all of its windows are to be computed from the readings before these go.
        await Table.ExecuteAsync(database, "delete from window_statistics");
        await SpoilAsync(database, "data = set_byte(data, 20, get_byte(data, 20) # 1)");

        await grid.Grid.SweepAsync(CancellationToken.None);
        await grid.Grid.SweepAsync(CancellationToken.None);

        Assert.Single(Errors(logs));
        Assert.Equal(0, await Table.ScalarAsync<long>(database, "select count(*) from segment"));
        var hours = (await grid.WindowsAsync(Path, EventTime.Hour, TestGrid.Day, TestGrid.Day + EventTime.Day)).Select(w => (w.Start - TestGrid.Day) / EventTime.Hour).ToArray();
        Assert.Equal([0, 3, 4, 5, 6, 7, 8], hours);
        Assert.Empty(await grid.WindowsAsync(Path, EventTime.Day, TestGrid.Day, TestGrid.Day + EventTime.Day));
        Assert.Equal(9, (await grid.WindowsAsync(Other, EventTime.Hour, TestGrid.Day, TestGrid.Day + EventTime.Day)).Count);
        Assert.True(grid.Grid.Info.IsReady);
    }

    // Nine hours, all in segments but the tails.
    private static IEnumerable<(string Path, Reading Reading)> Run() => Enumerable.Range(0, 3240).SelectMany(i =>
        Paths.Select(p => (p, new Reading(TestGrid.Day + (i * 10 * EventTime.Second), Math.Round(Math.Sin(i / 40.0) * 20, 2)))));

    private static PlainModel Model()
    {
        var model = new PlainModel();
        foreach (var (path, reading) in Run())
        {
            model.Write(path, reading);
        }
        return model;
    }

    private static async Task<TestGrid> FilledAsync(string database, LogLines logs, GridOptions? options = null, TimeProvider? time = null)
    {
        var grid = new TestGrid(database, options, null, time) { Loggers = LoggerFactory.Create(l => l.AddProvider(logs)) };
        await grid.StartAsync();
        await grid.WriteAsync(Run());
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        return grid;
    }

    // The second segment, which lies in the second and third hour.
    private static async Task<(long Start, long End)> SpoilAsync(string database, string damage)
    {
        var start = await Table.ScalarAsync<long>(database, "select start_time from segment where sensor = 0 order by start_time offset 1 limit 1");
        var end = await Table.ScalarAsync<long>(database, "select end_time from segment where sensor = 0 and start_time = $1", start);
        await SpoilAsync(database, damage, start);
        return (start, end);
    }

    private static async Task SpoilAsync(string database, string damage, long start) =>
        Assert.Equal(1, await Table.ExecuteAsync(database, $"update segment set {damage} where sensor = 0 and start_time = $1", start));

    private static Task<byte[]> DataAsync(string database, long start) => Table.ScalarAsync<byte[]>(database, "select data from segment where sensor = 0 and start_time = $1", start);

    private static async Task<ReplayView> ReplayAsync(TestGrid grid)
    {
        var view = await grid.Grid.Replays.StartAsync(new ReplayRequest("f", TestGrid.Day, TestGrid.Day + EventTime.Day), CancellationToken.None);
        await Eventually.TrueAsync(async () => (view = (await grid.Grid.Replays.FindAsync(view.Id, CancellationToken.None))!).State is ReplayState.Done or ReplayState.Failed, "the replay ends");
        return view;
    }

    private static List<string> Errors(LogLines logs) => [.. logs.Lines.Where(l => l.Level >= LogLevel.Error && l.Exception is null).Select(l => l.Text)];
}
