using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Edge.Tests;

/// <summary>A partition whose twins have actors: what these apply side by side, in whatever batches, is what one reading after the other gives.</summary>
public sealed class TwinActorsTests
{
    private const int Machines = 3;
    private const int SensorsPerMachine = 4;
    private const long Second = EventTime.Second;

    private static readonly RuleSet Rules = RuleSet.Parse("""{"defaults":{"silence":{"after":"10s"},"spike":true,"flat-line":true}}"""u8.ToArray());

    private readonly List<string> _seen = [];

    [Fact]
    public void Actors_come_to_what_one_reading_after_the_other_gives()
    {
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(200),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => CompareAsync(seed).GetAwaiter().GetResult()));

        Assert.All(
            ["sensor flagged", "machine flagged", "late", "sealed", "with actors", "without actors"], what => Assert.InRange(_seen.Count(s => s == what), 50, int.MaxValue));
    }

    [Fact]
    public async Task What_an_actor_does_not_take_in_time_is_applied_once_all_the_same()
    {
        var actors = new RandomActors(new Random(2), losesSome: true);
        var works = Works(new Random(1));

        Assert.Equal(await RunAsync(works, null, null), await RunAsync(works, actors, actors.ApplyLost));
        Assert.InRange(actors.Missed, 1, int.MaxValue);
    }

    [Fact]
    public async Task Actors_that_stand_still_hold_up_no_other_partition()
    {
        var pace = new BatchPace(() => 0, TimeProvider.System);
        var actors = Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 2)).Select(_ => new StandingActors(pace)).ToArray();
        var standing = Array.ConvertAll(actors, a => RunAsync(a));
        await Task.WhenAll(actors.Select(a => a.Given));

        await RunAsync(new StandingActors(pace) { HasAny = false });

        Assert.All(standing, s => Assert.False(s.IsCompleted));
        await Task.WhenAll(standing);

        static async Task RunAsync(StandingActors actors)
        {
            var (partition, _) = New(actors, new GridOptions());
            using (partition)
            {
                var block = new ReadingBlock();
                block.Add(0, TestGrid.Day, 1, Quality.Good);
                var isApplied = false;
                partition.Post(new ApplyBlock(block, 1, 1, TestGrid.Day, () => isApplied = true));
                partition.Complete();
                await partition.RunAsync();
                Assert.Equal((true, 1L), (isApplied, partition.Position));
            }
        }
    }

    private async Task CompareAsync(int seed)
    {
        var works = Works(new Random(seed));
        var actors = new RandomActors(new Random(seed), losesSome: false);
        var expected = await RunAsync(works, null, null);
        Assert.Equal(expected, await RunAsync(works, actors, null));
        _seen.AddRange(expected.Select(line => line.Split(':')[0]).Distinct());
        _seen.AddRange(actors.Took.Select(took => took ? "with actors" : "without actors").Distinct());
    }

    // A minute or so in which sensors and machines fall silent, begin late, send twice, late and wrong; and judging in between.
    private static List<Work> Works(Random random)
    {
        var works = new List<Work>();
        var begin = Enumerable.Range(0, Machines * SensorsPerMachine).Select(_ => random.Next(3) == 0 ? random.Next(200) : 0).ToArray();
        var pauses = Enumerable.Range(0, (Machines * SensorsPerMachine) + Machines).Select(_ => (From: random.Next(300), Length: random.Next(3) == 0 ? random.Next(80) : 0)).ToArray();
        // From then on delivered behind the others.
        var lags = begin.Select(_ => (From: random.Next(250), By: random.Next(3) == 0 ? random.Next(60) : 0)).ToArray();
        bool IsPaused(int pause, int at) => at >= pauses[pause].From && at < pauses[pause].From + pauses[pause].Length;
        for (var at = 0; at < 300; at += random.Next(1, 4))
        {
            var readings = new List<(int, Reading)>();
            for (var sensor = 0; sensor < begin.Length; sensor++)
            {
                var lag = at >= lags[sensor].From ? lags[sensor].By : 0;
                if (at < begin[sensor] || (lag > 0 && at < lags[sensor].From + lag) || IsPaused(sensor, at) || IsPaused(begin.Length + (sensor / SensorsPerMachine), at))
                {
                    continue;
                }
                var late = random.Next(30) == 0 ? random.Next(200) : lag;
                var reading = new Reading(TestGrid.Day + ((at - late) * Second), random.Next(100), random.Next(40) == 0 ? Quality.Bad : Quality.Good);
                readings.AddRange(Enumerable.Repeat((sensor, reading), random.Next(20) == 0 ? 2 : 1));
            }
            works.Add(new Work([.. readings], TestGrid.Day + (at * Second), random.Next(10) == 0));
        }
        return works;
    }

    private static async Task<string[]> RunAsync(List<Work> works, RandomActors? actors, Action? afterwards)
    {
        var options = new GridOptions();
        var (partition, sensors) = New(actors, options);
        using var disposed = partition;
        var applied = 0;
        foreach (var work in works)
        {
            var block = new ReadingBlock();
            foreach (var (sensor, reading) in work.Readings)
            {
                block.Add(sensor, reading.Time, reading.Value, reading.Quality);
            }
            partition.Post(new ApplyBlock(block, 0, 1, work.Now, () => applied++));
            if (work.IsJudged)
            {
                _ = partition.AskAsync(p =>
                {
                    p.JudgeSilence(work.Now, 1);
                    return true;
                });
            }
        }
        partition.Complete();
        await partition.RunAsync();
        afterwards?.Invoke();
        Assert.Equal(works.Count, applied);
        Assert.Equal(works.Count, partition.LogBytes);
        Assert.Equal(long.MaxValue, partition.WaitingSince);
        return [.. Lines(partition, sensors, options)];
    }

    private static (Partition Partition, Sensor[] Sensors) New(ITwinActors? actors, GridOptions options)
    {
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        var sensors = Enumerable.Range(0, Machines * SensorsPerMachine).Select(i => catalog.Restore(i, "f", $"m{i / SensorsPerMachine}", $"s{i}", "s")).ToArray();
        var twins = new SensorMap<SensorTwin>();
        twins.Reserve(sensors.Length);
        var partition = new Partition(0, catalog, twins, Rules, options, actors);
        partition.GoLive(TestGrid.Day);
        return (partition, sensors);
    }

    private static IEnumerable<string> Lines(Partition partition, Sensor[] sensors, GridOptions options)
    {
        var bytes = new byte[64 << 10];
        foreach (var twin in sensors.Select(s => partition.Twin(s.Id)).OfType<SensorTwin>())
        {
            yield return $"{twin.Sensor.Path}: {Convert.ToHexString(bytes.AsSpan(0, twin.SaveState(bytes)))} {string.Join(' ', twin.Tail.ToArray())}";
        }
        foreach (var machine in partition.Machines.OrderBy(m => m.Machine.Path, StringComparer.Ordinal))
        {
            yield return $"{machine.Machine.Path}: {Convert.ToHexString(bytes.AsSpan(0, machine.SaveState(bytes).Length))}";
        }
        var package = partition.Capture()!.ToPackage(1, options);
        foreach (var flag in package.Flags.OrderBy(f => f.Flag.Id, StringComparer.Ordinal))
        {
            yield return $"{(flag.Flag.Path.Split('/').Length == 2 ? "machine" : "sensor")} flagged: {flag}";
        }
        foreach (var (sensor, readings) in package.Segments.GroupBy(s => s.Sensor).Select(g => (g.Key, g.SelectMany(Decode))).OrderBy(s => s.Key))
        {
            yield return $"sealed: {sensor} {string.Join(' ', readings)}";
        }
        foreach (var line in package.LateSegments.SelectMany(l => Decode(l.Segment).Select(r => $"late: {l.Segment.Sensor} {l.IsToJudge} {r}")).Order(StringComparer.Ordinal))
        {
            yield return line;
        }
        foreach (var line in package.LateSpans.Select(s => $"span: {s}").Concat(package.StaleWindows.Select(w => $"stale: {w}"))
            .Concat(package.Windows.Select(w => $"window: {w}")).Order(StringComparer.Ordinal))
        {
            yield return line;
        }
    }

    private static Reading[] Decode(SegmentRow segment)
    {
        var readings = new Reading[segment.Count];
        SegmentCodec.Decode(segment.Data.Span, readings);
        return readings;
    }

    private sealed record Work((int Sensor, Reading Reading)[] Readings, long Now, bool IsJudged);
}
