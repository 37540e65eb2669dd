using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>Writes of six sensors that went the way of the program, in every table, and what they must add up to.</summary>
internal sealed class RandomHistory
{
    private const int Sensors = 6;
    private readonly SortedDictionary<(string Path, long Time), Reading> _readings = [];

    public long End { get; private set; }

    public List<string> Rows(long from, long to, Func<string, bool> path) =>
        [.. _readings.Where(r => r.Key.Time >= from && r.Key.Time < to && path(r.Key.Path))
            .Select(r => $"{r.Key.Path} {r.Key.Time} {r.Value.Value} {r.Value.Quality.ToString().ToLowerInvariant()}")];

    public static async Task<RandomHistory> WriteAsync(HistoryWriter history, Random random)
    {
        var model = new RandomHistory();
        for (var sensor = 0; sensor < Sensors; sensor++)
        {
            await history.SensorAsync(sensor, $"m{sensor / 2}", $"s{sensor % 2}", Partition(sensor));
            var time = (long)random.Next(1000);
            for (var segments = random.Next(4); segments > 0; segments--)
            {
                await history.SegmentAsync(sensor, model.Run(random, sensor, ref time));
            }
            model.End = Math.Max(model.End, time);
        }
        await model.WriteTailsAsync(history, random);
        for (var late = random.Next(6); late > 0; late--)
        {
            // Some sensors have none: they take the short way.
            var sensor = random.Next(Sensors - 2);
            var time = random.NextInt64(model.End);
            await history.LateAsync(sensor, model.Run(random, sensor, ref time));
        }
        await model.WriteLogAsync(history, random);
        return model;
    }

    private static int Partition(int sensor) => sensor / 2 % 2;

    private async Task WriteTailsAsync(HistoryWriter history, Random random)
    {
        for (var partition = 0; partition < 2; partition++)
        {
            var tails = new List<(int, Reading[])>();
            for (var sensor = 0; sensor < Sensors; sensor++)
            {
                if (Partition(sensor) == partition && random.Next(3) > 0)
                {
                    var time = End;
                    tails.Add((sensor, Run(random, sensor, ref time)));
                }
            }
            await history.SnapshotAsync(partition, 0, [.. tails.Take(1)]);
            await history.SnapshotAsync(partition, 1, [.. tails.Skip(1)]);
        }
        End += 100_000_000;
    }

    private async Task WriteLogAsync(HistoryWriter history, Random random)
    {
        for (var generation = 1; generation <= 3; generation++)
        {
            await history.CreateLogAsync(generation);
        }
        for (var partition = 0; partition < 2; partition++)
        {
            long position = 1000;
            var checkpoint = random.Next(3) == 0 ? 0 : position + random.Next(30);
            if (checkpoint > 0)
            {
                await history.CheckpointAsync(partition, checkpoint);
            }
            for (var row = random.Next(8); row > 0; row--)
            {
                var readings = Enumerable.Range(0, random.Next(1, 20)).Select(_ =>
                    (Sensor: (random.Next(2) * 4) + (partition * 2) + random.Next(2), Reading: AnyReading(random, random.NextInt64(End))))
                    .Where(r => r.Sensor < Sensors && Partition(r.Sensor) == partition).ToArray();
                foreach (var (sensor, reading) in readings.Where((_, i) => position + i >= checkpoint))
                {
                    Set(sensor, reading);
                }
                if (readings.Length > 0)
                {
                    await history.LogAsync(random.Next(1, 4), partition, position, readings);
                    position += readings.Length;
                }
            }
        }
    }

    private Reading[] Run(Random random, int sensor, ref long time)
    {
        var readings = new Reading[random.Next(1, 60)];
        var step = random.Next(1, 4);
        for (var i = 0; i < readings.Length; i++)
        {
            time = ((time / 1000) + step + (random.Next(10) == 0 ? 1 : 0)) * 1000;
            readings[i] = AnyReading(random, time);
            Set(sensor, readings[i]);
        }
        return readings;
    }

    // Few different times, so that writes meet.
    private static Reading AnyReading(Random random, long time) =>
        new(time / 1000 * 1000, random.Next(100) / 4.0, random.Next(8) == 0 ? (Quality)random.Next(3) : Quality.Good);

    private void Set(int sensor, Reading reading) => _readings[($"m{sensor / 2}/s{sensor % 2}", reading.Time)] = reading;
}
