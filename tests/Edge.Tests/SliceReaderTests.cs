using Npgsql;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Replays;
using SensorGrid.Historian;
using SensorGrid.Historian.Queries;

namespace SensorGrid.Edge.Tests;

[Collection(PostgresServer.Collection)]
public sealed class SliceReaderTests(PostgresServer server)
{
    private const int Sensors = 4;
    private const long Day = TestGrid.Day;

    /// <summary>A sensor a second with a pause of a day, one a minute, one in a burst, one with two readings years apart; some late, all with corrections.</summary>
    [Theory]
    [InlineData(Day - EventTime.Day, EventTime.Max)]
    [InlineData(Day + (500 * EventTime.Second), Day + (26 * EventTime.Hour))]
    [InlineData(Day + (2 * EventTime.Hour), Day + (20 * EventTime.Hour))]
    public async Task Slices_hold_every_reading_once_and_are_bounded_whatever_the_rates(long from, long to)
    {
        var connection = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(connection);
        var inOrder = Runs();
        await grid.WriteAsync(inOrder.SelectMany((run, i) => run.Select(r => (Path(i), r))));
        await grid.WriteAsync(Enumerable.Range(0, Sensors).SelectMany(Late, (i, reading) => (Path(i), reading)));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        var expected = new List<Reading>[Sensors];
        for (var i = 0; i < Sensors; i++)
        {
            expected[i] = await grid.ReadAsync(Path(i), from, to);
        }
        await using var database = new Database(connection);
        var ids = await IdsAsync(connection);
        // The newest ones are in memory, and some of them have just been stored.
        var memory = Enumerable.Range(0, Sensors).Select(i => new MemoryHistory(ids[i], [.. expected[i].TakeLast(100)], [], inOrder[i][^1].Time)).ToArray();

        var (slices, runs, longest) = await ReadAsync(database, memory, from, to);

        Assert.Equal(expected, runs);
        // Four times 128 of each sensor, and what of it was read before: a segment, and the memory.
        Assert.InRange(longest, 1, Sensors * ((4 * 128) + 512 + 100));
        Assert.True(slices > 3);
    }

    private static async Task<(int Slices, List<Reading>[] Runs, int Longest)> ReadAsync(Database database, MemoryHistory[] memory, long from, long to)
    {
        var reader = new SliceReader(memory, from, to, 100);
        var runs = Enumerable.Range(0, Sensors).Select(_ => new List<Reading>()).ToArray();
        var (before, slices, longest) = (new Slice(), 0, 0);
        Slice[] ring = [new(), new()];
        while (!before.IsLast)
        {
            var slice = ring[slices++ % 2];
            await using var history = await HistoryReader.OpenAsync(database, CancellationToken.None);
            Assert.True(await reader.ReadAsync(history, slice, CancellationToken.None));
            longest = Math.Max(longest, slice.Runs.Sum(r => r.Length));
            for (var i = 0; i < Sensors; i++)
            {
                Assert.All(slice.Runs[i].ToArray(), r => Assert.True(r.Time < slice.End && r.Time >= before.End));
                runs[i].AddRange(slice.Runs[i].Span);
            }
            before = slice;
        }
        return (slices, runs, longest);
    }

    private static string Path(int sensor) => $"f/m/s{sensor}";

    private static Reading[][] Runs()
    {
        static Reading At(long offset, int i) => new(Day + offset, i % 17, (Quality)(i % 3));
        return
        [
            [.. Enumerable.Range(0, 3000).Concat(Enumerable.Range(90_000, 3000)).Select(i => At(i * EventTime.Second, i))],
            [.. Enumerable.Range(0, 3000).Select(i => At(i * EventTime.Minute, i))],
            [.. Enumerable.Range(0, 5000).Select(i => At((5 * EventTime.Hour) + (i * EventTime.Second), i))],
            [At(0, 1), At(1000 * EventTime.Day, 2)],
        ];
    }

    // New ones between two, and corrections.
    private static IEnumerable<Reading> Late(int sensor) => sensor == 3
        ? [new Reading(Day + (500 * EventTime.Day), 7)]
        : Enumerable.Range(0, 200).Select(i => new Reading(Day + (i * (7 * EventTime.Minute)) + (i % 2), 1000 + i));

    private static async Task<int[]> IdsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select array_agg(id order by sensor) from sensor", connection);
        return (int[])(await command.ExecuteScalarAsync())!;
    }
}
