using Microsoft.Extensions.Logging;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>Chunks of a snapshot that are missing, or have a number that they cannot have: the grid starts, says so and seals nothing over what is stored.</summary>
[Collection(PostgresServer.Collection)]
public sealed class MissingChunkTests(PostgresServer server)
{
    // Each of a machine of its own: three chunks of sensors, three of machines.
    private const int Sensors = 150;
    private const int LastMachines = int.MinValue + 2;
    private const string OfOlderProgram = "update checkpoint set sensor_chunks = null, machine_chunks = null";

    private static readonly GridOptions Options = new() { Partitions = 1 };

    private readonly LogLines _logs = new();

    public static TheoryData<string, int[]> Losses => new()
    {
        { "chunk = 2", [2] },
        { "chunk = 0", [0] },
        { "chunk >= 0", [0, 1, 2] },
        { "chunk = -2147483646", [LastMachines] },
        { "chunk < 0", [int.MinValue, int.MinValue + 1, LastMachines] },
        { "true", [int.MinValue, int.MinValue + 1, LastMachines, 0, 1, 2] },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Each_that_is_missing_is_told_and_its_twins_are_rebuilt(string loss, int[] missing)
    {
        await using var grid = await FilledAsync(200);
        await Table.ExecuteAsync(grid.ConnectionString, "delete from snapshot where " + loss);

        await grid.StartAsync();

        Assert.Equal(missing.Order().Select(Missing), Errors.Where(e => e.StartsWith("Chunk", StringComparison.Ordinal)).Order(NumberOrder));
        await AssertGoesOnAsync(grid);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task So_it_is_where_an_older_program_wrote_the_checkpoint(string loss, int[] missing)
    {
        await using var grid = await FilledAsync(200);
        await Table.ExecuteAsync(grid.ConnectionString, OfOlderProgram);
        await Table.ExecuteAsync(grid.ConnectionString, "delete from snapshot where " + loss);

        await grid.StartAsync();

        // Of several at the end one is told.
        var told = Errors.Where(e => e.StartsWith("Chunk", StringComparison.Ordinal)).ToList();
        Assert.Contains(Missing(missing[0]), told);
        Assert.All(told, e => Assert.Contains(e, missing.Select(Missing)));
        await AssertGoesOnAsync(grid);
    }

    [Fact]
    public async Task Sensors_that_were_in_the_last_chunk_alone_are_told()
    {
        await using var grid = await FilledAsync(10);
        await Table.ExecuteAsync(grid.ConnectionString, "delete from snapshot where chunk = 2");

        await grid.StartAsync();

        Assert.Contains(Errors, e => e.StartsWith($"The newest readings of {Sensors - 128} sensors of partition 0", StringComparison.Ordinal));
        Assert.Equal(10, (await grid.ReadAsync(Path(127))).Count);
        Assert.Empty(await grid.ReadAsync(Path(128)));
    }

    [Theory]
    [InlineData(2, 2_000_000_000)]
    [InlineData(2, int.MaxValue)]
    [InlineData(1, 1000)]
    [InlineData(LastMachines, -1)]
    public async Task A_chunk_whose_number_is_damaged_is_put_back_and_gets_its_number(int number, int damaged)
    {
        await using var grid = await FilledAsync(200);
        await Table.ExecuteAsync(grid.ConnectionString, "update snapshot set chunk = $2 where chunk = $1", number, damaged);

        await grid.StartAsync().WaitAsync(Eventually.Deadline);

        Assert.Contains(Missing(number), Errors);
        Assert.Contains(Errors, e => e.StartsWith($"Chunk {damaged} of the snapshot of partition 0 is damaged", StringComparison.Ordinal));
        Assert.DoesNotContain(Errors, e => e.Contains("are lost", StringComparison.Ordinal));
        Assert.Equal(200, (await grid.ReadAsync(Path(140))).Count);
        await AssertGoesOnAsync(grid);
    }

    [Theory]
    [InlineData("2000000000")]
    [InlineData("-1")]
    [InlineData("1")]
    [InlineData("null")]
    public async Task A_damaged_count_of_chunks_harms_nothing(string count)
    {
        await using var grid = await FilledAsync(200);
        await Table.ExecuteAsync(grid.ConnectionString, $"update checkpoint set sensor_chunks = {count}, machine_chunks = {count}");

        await grid.StartAsync().WaitAsync(Eventually.Deadline);

        Assert.DoesNotContain(Errors, e => e.Contains("are lost", StringComparison.Ordinal));
        Assert.Equal(200, (await grid.ReadAsync(Path(140))).Count);
        await AssertGoesOnAsync(grid);
    }

    [Fact]
    public async Task Before_the_first_checkpoint_nothing_is_missing()
    {
        await using var grid = await StartAsync();
        await grid.WriteAsync(Run(10));
        await grid.AbandonAsync();

        await grid.StartAsync();

        Assert.Empty(Errors);
        Assert.Equal(10, (await grid.ReadAsync(Path(0))).Count);
    }

    private static Comparer<string> NumberOrder => Comparer<string>.Create((a, b) => NumberOf(a).CompareTo(NumberOf(b)));

    private List<string> Errors => [.. _logs.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Text)];

    private static int NumberOf(string error) => int.Parse(error.Split(' ')[1]);

    private static string Missing(int number) => $"Chunk {number} of the snapshot of partition 0 is damaged; its twins are rebuilt from the history: it is missing";

    private static string Path(int sensor) => $"f/m{sensor}/x";

    private static IEnumerable<(string Path, Reading Reading)> Run(int count) =>
        Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, Sensors).Select(s => (Path(s), new Reading(TestGrid.Day + (i * EventTime.Second), i))));

    // What is sent again meets what is stored; a checkpoint puts the snapshot right.
    private async Task AssertGoesOnAsync(TestGrid grid)
    {
        await grid.WriteAsync(Run(300));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.RestateAsync(CancellationToken.None);
        await grid.AbandonAsync();
        _logs.Lines.Clear();
        await grid.StartAsync();
        Assert.Empty(Errors);
        Assert.Equal(
            "0,1,2,-2147483648,-2147483647,-2147483646", await Table.ScalarAsync<string>(grid.ConnectionString, "select string_agg(chunk::text, ',' order by chunk < 0, chunk) from snapshot"));
        Assert.Equal(0, await Table.ScalarAsync<long>(
            grid.ConnectionString, "select count(*) from segment a join segment b on a.sensor = b.sensor and a.ctid <> b.ctid and a.start_time <= b.end_time and b.start_time <= a.end_time"));
        var expected = Run(300).Where(r => r.Path == Path(0)).Select(r => r.Reading).ToList();
        foreach (var sensor in new[] { 0, 100, 149 })
        {
            Assert.Equal(expected, await grid.ReadAsync(Path(sensor)));
            Assert.Equal(expected, await grid.ReadSqlAsync(Path(sensor)));
        }
    }

    private async Task<TestGrid> FilledAsync(int count)
    {
        var grid = await StartAsync();
        await grid.WriteAsync(Run(count));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.AbandonAsync();
        return grid;
    }

    private async Task<TestGrid> StartAsync()
    {
        var grid = new TestGrid(await server.CreateDatabaseAsync(), Options) { Loggers = LoggerFactory.Create(l => l.AddProvider(_logs)) };
        await grid.StartAsync();
        return grid;
    }
}
