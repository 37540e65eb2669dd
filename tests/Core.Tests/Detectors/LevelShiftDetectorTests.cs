using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

public class LevelShiftDetectorTests
{
    private const int Start = 10_000;

    [Fact]
    public void A_lasting_shift_is_flagged_within_minutes_and_accepted_after_an_hour()
    {
        var watch = AfterNoise().ReadAll(Noise(10_000, 54), from: Start);

        var flag = Assert.Single(watch.Flags);
        Assert.InRange(flag.From, Start + 60, Start + 240);
        Assert.InRange(flag.To - flag.From, 3_600, 3_660);
        Assert.True(flag.Score > 10);
    }

    [Fact]
    public void The_flag_closes_when_the_level_is_back()
    {
        var watch = AfterNoise().ReadAll(Noise(900, 46), from: Start).ReadAll(Noise(10_000, 50), from: Start + 900);

        Assert.InRange(Assert.Single(watch.Flags).To, Start + 900, Start + 1_080);
    }

    [Fact]
    public void A_short_excursion_is_no_shift() =>
        Assert.Empty(AfterNoise().ReadAll(Noise(20, 60), from: Start).ReadAll(Noise(5_000, 50), from: Start + 20).Flags);

    [Fact]
    public void Shifts_that_come_every_shift_become_usual()
    {
        var watch = new Watch(new LevelShiftDetector(new()));
        var random = new Random(8);
        for (var i = 0; i < 14 * 86_400; i++)
        {
            watch.Read(i, (i / 28_800 % 3 == 0 ? 20 : 50) + PlantSignal.Gaussian(random));
        }

        Assert.InRange(watch.Flags.Count, 1, 4);
        Assert.True(watch.Flags[^1].To < 3 * 86_400);
    }

    [Fact]
    public void Slow_sensors_are_judged_in_blocks_of_at_least_eight_readings()
    {
        var watch = new Watch(new LevelShiftDetector(new()));
        var random = new Random(9);
        for (var i = 0; i < 2_000; i++)
        {
            watch.Read(i * 300, (i < 1_500 ? 50 : 54) + PlantSignal.Gaussian(random));
        }

        Assert.InRange(Assert.Single(watch.Flags).From, 1_500 * 300, 1_540 * 300);
    }

    [Fact]
    public void The_time_to_accept_is_as_set()
    {
        var settings = new LevelShiftSettings { Accept = 10 * EventTime.Minute };

        var watch = new Watch(new LevelShiftDetector(settings)).ReadAll(Noise(Start, 50)).ReadAll(Noise(5_000, 55), from: Start);

        var flag = Assert.Single(watch.Flags);
        Assert.InRange(flag.To - flag.From, 600, 660);
    }

    private static Watch AfterNoise() => new Watch(new LevelShiftDetector(new())).ReadAll(Noise(Start, 50));

    private static IEnumerable<double> Noise(int count, double mean)
    {
        var random = new Random(count);
        return Enumerable.Range(0, count).Select(_ => mean + PlantSignal.Gaussian(random));
    }
}
