using System.Text.Json;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>A snapshot with damage: the grid starts, says so, and where the history has it all answers as ever.</summary>
[Collection(PostgresServer.Collection)]
public sealed class DamagedSnapshotTests(PostgresServer server)
{
    private const string Flip = "update snapshot set state = set_byte(state, length(state) / 2, get_byte(state, length(state) / 2) # 4)";
    private const string Sensors = " where chunk >= 0";
    private const string Machines = " where chunk < 0";

    private static readonly long[] Sizes = [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour, EventTime.Day];
    private static readonly RuleSet Limits = RuleSet.Parse("""{"defaults":{"limits":{"h":100},"spike":true,"silence":true,"level-shift":true,"flat-line":true}}"""u8);

    public static TheoryData<string> Damages => new(
        Flip,
        "update snapshot set state = set_byte(state, 2, get_byte(state, 2) # 1)",
        "update snapshot set state = substring(state, 1, length(state) / 2)",
        "update snapshot set state = substring(state, 1, 5)",
        "update snapshot set state = ''",
        "update snapshot set state = set_byte(state, 0, 77)",
        // As if it were of the version without checksums: its lengths are nonsense.
        "update snapshot set state = set_byte(state, 0, 1)",
        "update snapshot set state = convert_to(repeat('nonsense', 1000), 'UTF8')");

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Twins_are_rebuilt_and_every_answer_is_as_before(string damage)
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await StartAsync(database, logs);
        await grid.WriteAsync(Run(700));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.WriteAsync(Run(760).Skip(700 * 3));
        var before = await AnswersAsync(grid);
        await grid.AbandonAsync();
        var chunks = await Table.ExecuteAsync(database, damage);

        await grid.StartAsync();

        Assert.Equal(before, await AnswersAsync(grid));
        // Each chunk, with its key.
        Assert.Equal(chunks, Errors(logs).Count);
        Assert.All(Errors(logs), e => Assert.Matches("^Chunk -?[0-9]+ of the snapshot of partition [0-9] is damaged", e));
        // A sudden end before a checkpoint leaves the damage as it was.
        await grid.AbandonAsync();
        await grid.StartAsync();
        Assert.Equal(before, await AnswersAsync(grid));
        // A checkpoint writes good chunks.
        logs.Lines.Clear();
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.WriteAsync(Run(800).Skip(760 * 3));
        var after = await AnswersAsync(grid);
        await grid.AbandonAsync();
        await grid.StartAsync();
        Assert.Equal(after, await AnswersAsync(grid));
        Assert.Empty(Errors(logs));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_came_in_whatever_order_answers_equal_a_plain_computation(int seed)
    {
        var random = new Random(seed);
        var options = new GridOptions { Partitions = 2, Seal = new SealPolicy(16, 4) };
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options);
        var database = grid.ConnectionString;
        var model = new PlainModel();
        var clock = TestGrid.Day;
        for (var round = 0; round < 24; round++)
        {
            // More than a chunk of sensors in each partition; some come late, again, or corrected.
            var batch = Enumerable.Range(0, random.Next(1, 600)).Select(_ =>
            {
                clock += random.NextInt64(20 * EventTime.Second);
                var late = random.Next(6) == 0 ? random.NextInt64(EventTime.Day) : 0;
                var time = Math.Max(TestGrid.Day - EventTime.Day, clock - late) / EventTime.Second * EventTime.Second;
                return ($"f/m{random.Next(8)}/s{random.Next(round < 12 ? 20 : 40)}", new Reading(time, Math.Round(random.NextDouble() * 100, 2)));
            }).ToList();
            foreach (var (path, reading) in batch)
            {
                model.Write(path, reading);
            }
            await grid.WriteAsync(batch);
            if (random.Next(3) == 0)
            {
                await grid.Grid.CheckpointAsync(CancellationToken.None);
            }
            if (random.Next(4) == 0)
            {
                await grid.Grid.RestateAsync(CancellationToken.None);
            }
            if (round % 4 == 3)
            {
                await grid.AbandonAsync();
                await Table.ExecuteAsync(database, Flip + " where random() < 0.5");
                await grid.StartAsync();
            }
            if (round % 12 == 11)
            {
                await AssertEqualAsync(grid, model);
            }
        }
    }

    [Fact]
    public async Task Detectors_that_have_seen_all_of_the_history_know_what_they_knew()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, rules: Limits);
        // No sensor's silence is a machine's: a replay of one knows nothing of the others.
        await grid.WriteAsync(Run(900).Where(r => r.Path == "f/m/a"));
        await grid.StopAsync();
        await Table.ExecuteAsync(database, Flip);

        await grid.StartAsync();

        var view = await grid.Grid.Replays.StartAsync(new ReplayRequest("f/m/a", TestGrid.Day, TestGrid.Day + EventTime.Day), CancellationToken.None);
        await Eventually.TrueAsync(async () => (view = (await grid.Grid.Replays.FindAsync(view.Id, CancellationToken.None))!).State is ReplayState.Done or ReplayState.Failed, "the replay ends");
        Assert.Equal((1, 0), (view.Summary!.SameAsLive, view.Summary.UnlikeLive));
    }

    [Fact]
    public async Task An_open_flag_goes_on_and_closes_once()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, rules: Limits);
        await grid.WriteAsync(Enumerable.Range(0, 400).Select(i => ("f/m/a", new Reading(TestGrid.Day + (i * EventTime.Second), i < 100 ? 5 : 120))));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var open = Assert.Single(await FlagsAsync(grid), f => f.Detector == "limits");
        Assert.Null(open.To);
        await grid.AbandonAsync();
        await Table.ExecuteAsync(database, Flip);

        await grid.StartAsync();

        Assert.Contains((await grid.SensorAsync("f/m/a")).Flags, f => f == open);
        await grid.WriteAsync([("f/m/a", new Reading(TestGrid.Day + (400 * EventTime.Second), 5))]);
        var closed = Assert.Single(await FlagsAsync(grid), f => f.Detector == "limits");
        Assert.Equal((open.Id, TestGrid.Day + (400 * EventTime.Second)), (closed.Id, closed.To));
    }

    [Theory]
    [InlineData(Sensors)]
    [InlineData(Machines)]
    [InlineData("")]
    public async Task The_silence_of_a_machine_and_of_a_sensor_goes_on_and_closes_once(string chunks)
    {
        const long End = TestGrid.Day + (100 * EventTime.Second);
        var database = await server.CreateDatabaseAsync();
        var clock = new SetClock(End);
        await using var grid = await TestGrid.StartAsync(database, new GridOptions { Partitions = 2 }, Limits, clock);
        await grid.WriteAsync(Enumerable.Range(0, 100).SelectMany(i => new[] { "f/m/a", "f/m/b", "f/n/a", "f/n/b" }.Select(p => (p, new Reading(TestGrid.Day + (i * EventTime.Second), i % 7)))));
        clock.Now += EventTime.Hour;
        await grid.WriteAsync(Enumerable.Range(1, 400).Select(i => ("f/n/a", new Reading(End + (i * EventTime.Second), i % 7))));
        await Eventually.TrueAsync(async () => (await FlagsAsync(grid)).Count(f => f.To is null) == 2, "both are silent");
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var flags = await FlagsAsync(grid);
        Assert.Equal(["f/m", "f/n/b"], flags.Select(f => f.Path).Order());
        await grid.AbandonAsync();
        await Table.ExecuteAsync(database, Flip + chunks);

        await grid.StartAsync();

        Assert.Equal(flags, await FlagsAsync(grid));
        const long Back = End + (500 * EventTime.Second);
        await grid.WriteAsync([("f/m/a", new Reading(Back, 1)), ("f/n/b", new Reading(Back, 1))]);
        var ended = await FlagsAsync(grid);
        Assert.Equal(flags.Select(f => (f.Id, (long?)Back)).Order(), ended.Where(f => flags.Any(o => o.Id == f.Id)).Select(f => (f.Id, f.To)).Order());
        Assert.DoesNotContain(ended, f => f.To is null);
    }

    [Fact]
    public async Task A_flag_that_a_machine_closed_before_its_chunk_turned_out_to_be_damaged_is_open_still()
    {
        const long End = TestGrid.Day + (100 * EventTime.Second);
        var database = await server.CreateDatabaseAsync();
        var clock = new SetClock(End);
        await using (var grid = await TestGrid.StartAsync(database, new GridOptions { Partitions = 1 }, Limits, clock))
        {
            await grid.WriteAsync(Enumerable.Range(0, 100).SelectMany(i => new[] { "f/m/a", "f/m/b", "f/n/a" }.Select(p => (p, new Reading(TestGrid.Day + (i * EventTime.Second), i % 7)))));
            clock.Now += EventTime.Hour;
            await grid.WriteAsync([("f/n/a", new Reading(clock.Now, 1))]);
            await Eventually.TrueAsync(async () => (await FlagsAsync(grid)).Any(f => f.Path == "f/m"), "the machine is silent");
            await grid.StopAsync();
        }
        // Without a checksum, so that it shows at the second machine only. The first one's flag closes, as its detector is another by then.
        var state = await Table.ScalarAsync<byte[]>(database, "select state from snapshot where chunk < 0");
        var second = 9 + 8 + BitConverter.ToInt32(state, 9 + 4) + 8;
        await Table.ExecuteAsync(database, $"update snapshot set state = '\\x01'::bytea || substring(set_byte(state, {second}, 77), 10) where chunk < 0");

        await using var started = await TestGrid.StartAsync(
            database, new GridOptions { Partitions = 1 }, RuleSet.Parse("""{"defaults":{"silence":{"after":"2m"}}}"""u8), clock);

        Assert.Null(Assert.Single(await FlagsAsync(started), f => f.Path == "f/m").To);
        Assert.Contains((await started.Grid.GetMachineAsync("f", "m", CancellationToken.None))!.Flags, f => f.Path == "f/m");
    }

    [Fact]
    public async Task Tails_that_are_lost_are_told_and_the_rest_is_there()
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await StartAsync(database, logs);
        await grid.WriteAsync(Run(700));
        await grid.WriteAsync([("f/m/young", new Reading(TestGrid.Day, 1))]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var before = await grid.ReadAsync("f/m/a");
        await grid.AbandonAsync();
        await Table.ExecuteAsync(database, "update snapshot set tails = substring(tails, 1, 30)" + Sensors);

        await grid.StartAsync();

        var saved = (int)await Table.ScalarAsync<long>(database, "select sum(count) from segment g join sensor s on s.id = g.sensor where s.sensor = 'a'");
        Assert.Equal(before.Take(saved), await grid.ReadAsync("f/m/a"));
        Assert.Equal(700, (await grid.SensorAsync("f/m/a")).Counters.Readings);
        var lost = string.Concat(Errors(logs).Where(e => e.Contains("are lost", StringComparison.Ordinal)));
        Assert.Contains("f/m/a", lost, StringComparison.Ordinal);
        Assert.Contains("f/m/young", lost, StringComparison.Ordinal);
        // They are written again, and more.
        await grid.WriteAsync(Run(800));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.RestateAsync(CancellationToken.None);
        await grid.AbandonAsync();
        await grid.StartAsync();
        Assert.Equal(Run(800).Where(r => r.Path == "f/m/a").Select(r => r.Reading), await grid.ReadAsync("f/m/a"));
        Assert.Equal(await grid.ReadAsync("f/m/a"), await grid.ReadSqlAsync("f/m/a"));
    }

    [Fact]
    public async Task States_and_tails_lost_together_leave_what_the_segments_have()
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await StartAsync(database, logs);
        await grid.WriteAsync(Run(700));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var before = await grid.ReadAsync("f/m/a");
        await grid.AbandonAsync();
        await Table.ExecuteAsync(database, "update snapshot set state = '', tails = 'nonsense nonsense nonsense'");

        await grid.StartAsync();

        var saved = (int)await Table.ScalarAsync<long>(database, "select sum(count) from segment g join sensor s on s.id = g.sensor where s.sensor = 'a'");
        Assert.Equal(before.Take(saved), await grid.ReadAsync("f/m/a"));
        Assert.Equal(saved, (await grid.SensorAsync("f/m/a")).Counters.Readings);
        Assert.Contains(Errors(logs), e => e.Contains("are lost: f/", StringComparison.Ordinal));
        await grid.WriteAsync(Run(800));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.RestateAsync(CancellationToken.None);
        Assert.Equal(Run(800).Where(r => r.Path == "f/m/a").Select(r => r.Reading), await grid.ReadAsync("f/m/a"));
        Assert.Equal(await grid.ReadAsync("f/m/a"), await grid.ReadSqlAsync("f/m/a"));
    }

    [Theory]
    [InlineData("delete from snapshot where chunk = 0")]
    [InlineData("delete from snapshot where chunk = 1")]
    public async Task A_chunk_that_is_missing_among_others_is_damage_too(string damage)
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await StartAsync(database, logs, new GridOptions { Partitions = 1 });
        await grid.WriteAsync(Enumerable.Range(0, 200).SelectMany(i => Enumerable.Range(0, 150).Select(s => ($"f/m/s{s}", new Reading(TestGrid.Day + (i * EventTime.Second), i)))));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.AbandonAsync();
        await Table.ExecuteAsync(database, damage);

        await grid.StartAsync();

        Assert.Contains(Errors(logs), e => e.EndsWith("it is missing", StringComparison.Ordinal));
        Assert.Contains(Errors(logs), e => e.Contains("newest readings of 64 sensors", StringComparison.Ordinal));
        await grid.WriteAsync(Enumerable.Range(0, 300).SelectMany(i => Enumerable.Range(0, 150).Select(s => ($"f/m/s{s}", new Reading(TestGrid.Day + (i * EventTime.Second), i)))));
        await grid.StopAsync();
        await grid.StartAsync();
        Assert.Equal(3, await Table.ScalarAsync<long>(database, "select count(*) from snapshot where chunk >= 0"));
        Assert.Equal(await grid.ReadAsync("f/m/s3"), await grid.ReadSqlAsync("f/m/s3"));
        Assert.Equal(300, (await grid.ReadAsync("f/m/s3")).Count);
    }

    [Fact]
    public async Task Chunks_without_a_checksum_are_still_read()
    {
        var database = await server.CreateDatabaseAsync();
        var logs = new LogLines();
        await using var grid = await StartAsync(database, logs);
        await grid.WriteAsync(Run(700));
        var before = await AnswersAsync(grid);
        await grid.StopAsync();
        await Table.ExecuteAsync(database, "update snapshot set state = '\\x01'::bytea || substring(state, 10)");

        await grid.StartAsync();

        Assert.Equal(before, await AnswersAsync(grid));
        Assert.Empty(Errors(logs));
    }

    // Three sensors of two machines, all of different rates.
    private static IEnumerable<(string Path, Reading Reading)> Run(int count) =>
        Enumerable.Range(0, count).SelectMany(i => new[]
        {
            ("f/m/a", new Reading(TestGrid.Day + (i * EventTime.Second), i % 300 == 299 ? 140 : 20 + Math.Round(Math.Sin(i / 50.0) + (i % 7 * 0.1), 2))),
            ("f/m/b", new Reading(TestGrid.Day + (i * 30 * EventTime.Second), Math.Round(Math.Cos(i / 9.0), 3))),
            ("f/n/c", new Reading(TestGrid.Day + (i * 5 * EventTime.Minute), i)),
        });

    private static async Task<TestGrid> StartAsync(string database, LogLines logs, GridOptions? options = null)
    {
        var grid = new TestGrid(database, options, Limits) { Loggers = LoggerFactory.Create(l => l.AddProvider(logs)) };
        await grid.StartAsync();
        return grid;
    }

    private static List<string> Errors(LogLines logs) => [.. logs.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Text)];

    private static Task<IReadOnlyList<Flag>> FlagsAsync(TestGrid grid) => grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None);

    private static async Task<string> AnswersAsync(TestGrid grid)
    {
        var answers = new List<object>();
        foreach (var path in new[] { "f/m/a", "f/m/b", "f/n/c" })
        {
            answers.Add(await grid.SensorAsync(path));
            answers.Add((await grid.ReadAsync(path)).Select(r => r.ToString()));
            foreach (var size in Sizes)
            {
                answers.Add(await grid.WindowsAsync(path, size, TestGrid.Day, TestGrid.Day + (7 * EventTime.Day)));
            }
        }
        answers.Add((await grid.Grid.GetFactoryAsync("f", CancellationToken.None))!);
        answers.Add(await FlagsAsync(grid));
        return JsonSerializer.Serialize(answers);
    }

    private static async Task AssertEqualAsync(TestGrid grid, PlainModel model)
    {
        foreach (var path in model.Paths.ToArray())
        {
            var expected = model.Readings(path);
            Assert.Equal(expected, await grid.ReadAsync(path));
            foreach (var size in Sizes)
            {
                model.AssertWindows(path, size, await grid.WindowsAsync(path, size, expected.First().Time, expected.Last().Time + 1));
            }
            var view = await grid.SensorAsync(path);
            Assert.Equal(expected.Last(), view.Last);
            foreach (var window in view.Windows)
            {
                PlainModel.AssertWindow([.. expected.Where(r => r.Time >= window.Start && r.Time < window.Start + window.Size)], window);
            }
        }
        Assert.Equal(model.Count, await Table.ScalarAsync<long>(grid.ConnectionString, "select count(*) from readings"));
    }
}
