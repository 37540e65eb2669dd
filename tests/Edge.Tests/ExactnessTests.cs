using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

/// <summary>
/// Whatever comes in whatever order, through checkpoints, stops and sudden ends: every answer, of the API and of SQL, equals a plain computation over
/// the distinct readings.
/// </summary>
[Collection(PostgresServer.Collection)]
public sealed class ExactnessTests(PostgresServer server)
{
    private static readonly long[] Sizes = [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour, EventTime.Day];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Answers_equal_a_plain_computation(int seed)
    {
        var random = new Random(seed);
        var options = new GridOptions { Partitions = 3, Seal = new SealPolicy(16, 4) };
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options);
        var model = new PlainModel();
        var sent = new List<(string Path, Reading Reading)>();
        var clocks = new long[6];
        for (var round = 0; round < 60; round++)
        {
            var batch = new List<(string, Reading)>();
            for (var i = random.Next(1, 120); i > 0; i--)
            {
                batch.Add(Next(random, clocks, sent));
            }
            foreach (var (path, reading) in batch)
            {
                model.Write(path, reading);
                sent.Add((path, reading));
            }
            Assert.Equal(batch.Count, (await grid.WriteAsync(batch)).Accepted);
            switch (random.Next(9))
            {
                case 0:
                    await grid.Grid.CheckpointAsync(CancellationToken.None);
                    break;
                case 1:
                    await grid.StopAsync();
                    await grid.StartAsync();
                    break;
                case 2:
                    await grid.AbandonAsync();
                    await grid.StartAsync();
                    break;
                case 3:
                    await grid.Grid.RestateAsync(CancellationToken.None);
                    break;
                default:
                    break;
            }
            if (round % 20 == 19)
            {
                await AssertEqualAsync(grid, model, round % 40 == 39);
            }
        }
    }

    // In order mostly; else late by seconds to a day, a repetition, or a correction. Some sensors are fast, some slow.
    private static (string Path, Reading Reading) Next(Random random, long[] clocks, List<(string Path, Reading Reading)> sent)
    {
        var kind = random.Next(20);
        if (kind < 2 && sent.Count > 0)
        {
            return sent[random.Next(sent.Count)];
        }
        if (kind == 2 && sent.Count > 0)
        {
            var (path, old) = sent[random.Next(sent.Count)];
            return (path, new Reading(old.Time, Value(random), QualityOf(random)));
        }
        var sensor = random.Next(clocks.Length);
        var time = clocks[sensor] == 0 ? TestGrid.Day + random.NextInt64(EventTime.Hour) : clocks[sensor];
        var step = sensor < 3 ? EventTime.Second : 5 * EventTime.Minute;
        clocks[sensor] = time + step + random.NextInt64(step);
        if (kind == 3)
        {
            time -= random.NextInt64(EventTime.Day);
        }
        else if (kind == 4)
        {
            time -= random.NextInt64(10 * step);
        }
        return ($"f/m{sensor % 4}/s{sensor}", new Reading(Math.Max(0, time), Value(random), QualityOf(random)));
    }

    private static double Value(Random random) => Math.Round(((random.NextDouble() - 0.3) * 100) + 20, random.Next(4));

    private static Quality QualityOf(Random random) => random.Next(10) switch
    {
        0 => Quality.Bad,
        1 => Quality.Uncertain,
        _ => Quality.Good,
    };

    private static async Task AssertEqualAsync(TestGrid grid, PlainModel model, bool sqlToo)
    {
        foreach (var path in model.Paths.ToArray())
        {
            var expected = model.Readings(path);
            Assert.Equal(expected, await grid.ReadAsync(path));
            if (sqlToo)
            {
                Assert.Equal(expected, await grid.ReadSqlAsync(path));
            }
            foreach (var size in Sizes)
            {
                var from = expected.First().Time;
                var to = expected.Last().Time + 1;
                model.AssertWindows(path, size, await grid.WindowsAsync(path, size, from, to));
            }
            var view = await grid.SensorAsync(path);
            Assert.Equal(expected.Last(), view.Last);
            foreach (var size in Sizes)
            {
                var windows = view.Windows.Where(w => w.Size == size).ToArray();
                var all = await grid.WindowsAsync(path, size, windows[0].Start, windows[^1].Start + size);
                Assert.Equal(windows[^1], all[^1]);
                Assert.False(windows[^1].Closed);
            }
        }
    }
}
