using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>Rows of the log with damage: the grid starts without their readings and with all others, says so, and goes on from the right position.</summary>
[Collection(PostgresServer.Collection)]
public sealed class DamagedLogTests(PostgresServer server)
{
    private const string Path = "f/m/a";
    private const string Log = "log_00000001";
    private const int RowReadings = 40;

    private readonly LogLines _logs = new();

    public static TheoryData<string> Damages => new(
        "data = set_byte(data, length(data) / 2, get_byte(data, length(data) / 2) # 1)",
        "data = set_byte(data, 0, 9)",
        "data = substring(data, 1, length(data) / 2)",
        "data = ''",
        "data = convert_to(repeat('nonsense', 50), 'UTF8')",
        "data = (select l.data from log_00000001 l order by length(l.data) desc limit 1)");

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_row_that_does_not_decode_costs_its_own_readings_alone(string damage)
    {
        await using var grid = await StartAsync();
        for (var row = 0; row < 5; row++)
        {
            await grid.WriteAsync(Row(row));
        }
        // Of another length than the others.
        await grid.WriteAsync(Row(5).Append((Path, At(1000))));
        await grid.AbandonAsync();
        await SpoilAsync(grid, damage, 2 * RowReadings);
        var left = Enumerable.Range(0, 6).Where(row => row != 2).SelectMany(Row).Select(r => r.Reading).Append(At(1000)).ToList();

        await grid.StartAsync();

        Assert.Equal(left, await grid.ReadAsync(Path));
        Assert.Equal(left.Count, (await grid.SensorAsync(Path)).Counters.Readings);
        Assert.StartsWith($"A row of the log is damaged ({Log}, partition 0, position 80, count 40) and passed over; its readings are lost: ", Assert.Single(Errors), StringComparison.Ordinal);
        // A sudden end leaves it as it was.
        await grid.AbandonAsync();
        _logs.Lines.Clear();
        await grid.StartAsync();
        Assert.Single(Errors);
        // The checkpoint passes it. What came in between has its place behind the others.
        await grid.WriteAsync([(Path, At(2000))]);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal((6 * RowReadings) + 2, await PositionAsync(grid));
        await grid.WriteAsync([(Path, At(3000))]);
        await grid.AbandonAsync();
        _logs.Lines.Clear();
        await grid.StartAsync();
        Assert.Empty(Errors);
        // Sent again, they are there.
        await grid.WriteAsync(Row(2));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.Grid.RestateAsync(CancellationToken.None);
        var all = left.Concat(Row(2).Select(r => r.Reading)).Append(At(2000)).Append(At(3000)).OrderBy(r => r.Time).ToList();
        Assert.Equal(all, await grid.ReadAsync(Path));
        Assert.Equal(all, await grid.ReadSqlAsync(Path));
        Assert.Equal(0, (await grid.SensorAsync(Path)).Counters.Duplicates);
    }

    [Theory]
    [InlineData("data = ''", RowReadings)]
    [InlineData("count = 41", RowReadings + 1)]
    [InlineData("count = 2147483647", int.MaxValue)]
    public async Task The_last_row_is_told_until_a_checkpoint_passes_it_even_where_nothing_else_came(string damage, int count)
    {
        await using var grid = await StartAsync();
        await grid.WriteAsync(Row(0));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        await grid.WriteAsync(Row(1));
        await grid.AbandonAsync();
        await SpoilAsync(grid, damage, RowReadings);

        await grid.StartAsync();

        Assert.Contains($"position 40, count {count})", Assert.Single(Errors), StringComparison.Ordinal);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal((long)RowReadings + count, await PositionAsync(grid));
        await grid.AbandonAsync();
        _logs.Lines.Clear();
        await grid.StartAsync();
        await grid.WriteAsync(Row(2));
        await grid.StopAsync();
        await grid.StartAsync();
        Assert.Empty(Errors);
        Assert.Equal(Row(0).Concat(Row(2)).Select(r => r.Reading), await grid.ReadAsync(Path));
    }

    [Fact]
    public async Task Rows_that_are_missing_are_told_and_positions_stay_right()
    {
        await using var grid = await StartAsync();
        for (var row = 0; row < 5; row++)
        {
            await grid.WriteAsync(Row(row));
        }
        await grid.AbandonAsync();
        await Table.ExecuteAsync(grid.ConnectionString, $"delete from {Log} where position in (0, 80, 120)");

        await grid.StartAsync();

        Assert.Equal(
            [$"40 readings of partition 0 from position 0 on are missing in the log before or in {Log} and lost.", $"80 readings of partition 0 from position 80 on are missing in the log before or in {Log} and lost."],
            Errors);
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        Assert.Equal(5 * RowReadings, await PositionAsync(grid));
        await grid.AbandonAsync();
        await grid.StartAsync();
        Assert.Equal(2, Errors.Count);
        Assert.Equal(Row(1).Concat(Row(4)).Select(r => r.Reading), await grid.ReadAsync(Path));
        Assert.Equal(2 * RowReadings, (await grid.SensorAsync(Path)).Counters.Readings);
    }

    [Theory]
    [InlineData(1_000_000_000_000_000, true)]
    [InlineData(long.MinValue / 2, false)]
    public async Task A_damaged_position_costs_its_row_at_most(long position, bool isFound)
    {
        await using var grid = await StartAsync();
        for (var row = 0; row < 5; row++)
        {
            await grid.WriteAsync(Row(row));
        }
        await grid.AbandonAsync();
        await SpoilAsync(grid, $"position = {position}", 2 * RowReadings);
        var expected = Enumerable.Range(0, 6).Where(row => row != 2 || isFound).SelectMany(Row).Select(r => r.Reading).ToList();

        await grid.StartAsync();

        Assert.StartsWith("40 readings of partition 0 from position 80 on are missing", Errors[0], StringComparison.Ordinal);
        await grid.WriteAsync(Row(5));
        Assert.Equal(expected, await grid.ReadAsync(Path));
        await grid.AbandonAsync();
        await grid.StartAsync();
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        _logs.Lines.Clear();
        await grid.AbandonAsync();
        await grid.StartAsync();
        await grid.Grid.RestateAsync(CancellationToken.None);
        Assert.Equal(expected, await grid.ReadAsync(Path));
        Assert.Equal(expected, await grid.ReadSqlAsync(Path));
        Assert.Empty(Errors);
    }

    [Theory]
    [InlineData("delete from sensor where sensor = 'gone'", "which is none of the partition")]
    [InlineData("update log_00000001 set partition = 1 - partition where position = 40", "which is none of the partition")]
    public async Task A_row_with_readings_of_a_sensor_that_cannot_be_in_it_is_passed_over(string damage, string reason)
    {
        await using var grid = await StartAsync(new GridOptions { Partitions = 2 });
        await grid.WriteAsync(Row(0));
        await grid.WriteAsync(Row(1).Append(("f/m/gone", At(0))));
        await grid.WriteAsync(Row(2));
        await grid.AbandonAsync();
        await Table.ExecuteAsync(grid.ConnectionString, damage);

        await grid.StartAsync();

        Assert.Contains(Errors, e => e.EndsWith(reason, StringComparison.Ordinal));
        Assert.Equal(Row(0).Concat(Row(2)).Select(r => r.Reading), await grid.ReadAsync(Path));
    }

    [Fact]
    public async Task It_is_counted()
    {
        await using var grid = await StartAsync();
        await grid.WriteAsync(Row(0));
        await grid.WriteAsync(Row(1));
        await grid.AbandonAsync();
        await SpoilAsync(grid, "data = ''", RowReadings);
        // Every meter of every grid of this process: those of other tests start at 0 and damage no log meanwhile.
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Name == "sensorgrid.damaged.log_rows") { l.EnableMeasurementEvents(instrument); } } };
        var counts = new List<long>();
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => counts.Add(count));
        listener.Start();

        await grid.StartAsync();

        listener.RecordObservableInstruments();
        Assert.Contains(1, counts);
    }

    private List<string> Errors => [.. _logs.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Text)];

    private static Reading At(int second) => new(TestGrid.Day + (second * EventTime.Second), second);

    private static IEnumerable<(string Path, Reading Reading)> Row(int number) =>
        Enumerable.Range(number * RowReadings, RowReadings).Select(i => (Path, At(i)));

    private static Task<long> PositionAsync(TestGrid grid) => Table.ScalarAsync<long>(grid.ConnectionString, "select position from checkpoint");

    private static async Task SpoilAsync(TestGrid grid, string damage, int position) =>
        Assert.Equal(1, await Table.ExecuteAsync(grid.ConnectionString, $"update {Log} set {damage} where position = {position}"));

    private async Task<TestGrid> StartAsync(GridOptions? options = null)
    {
        var grid = new TestGrid(await server.CreateDatabaseAsync(), options ?? new GridOptions { Partitions = 1 }) { Loggers = LoggerFactory.Create(l => l.AddProvider(_logs)) };
        await grid.StartAsync();
        return grid;
    }
}
