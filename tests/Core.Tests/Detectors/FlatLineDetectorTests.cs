using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

public class FlatLineDetectorTests
{
    [Fact]
    public void A_sensor_that_varied_and_then_stands_still_is_flagged_from_its_last_move_to_the_next()
    {
        var watch = new Watch(new FlatLineDetector(new())).ReadAll(Noise(1_000));

        watch.ReadAll(Enumerable.Repeat(50.5, 301), from: 1_000);
        var flag = Assert.Single(watch.Flags);
        Assert.Equal((1_000, Severity.Warning), (flag.From, flag.Severity));
        watch.Read(1_400, 51);
        Assert.Equal(1_400, Assert.Single(watch.Flags).To);
    }

    [Fact]
    public void Both_the_time_and_the_readings_are_needed()
    {
        var tooFew = new Watch(new FlatLineDetector(new())).ReadAll(Noise(1_000));
        var tooShort = new Watch(new FlatLineDetector(new())).ReadAll(Noise(1_000));

        for (var i = 0; i < 20; i++)
        {
            tooFew.Read(1_000 + (60 * i), 50);
        }
        tooShort.ReadAll(Enumerable.Repeat(50.0, 299), from: 1_000);

        Assert.Empty(tooFew.Flags);
        Assert.Empty(tooShort.Flags);
    }

    [Fact]
    public void A_set_point_may_stand_still() =>
        Assert.Empty(new Watch(new FlatLineDetector(new())).ReadAll(Enumerable.Range(0, 50_000).Select(i => (double)(i / 5_000))).Flags);

    [Fact]
    public void A_machine_switched_off_may_stand_still()
    {
        var watch = new Watch(new FlatLineDetector(new())).ReadAll(Noise(1_000)).ReadAll(Enumerable.Repeat(0.0, 5_000), from: 1_000);

        Assert.Empty(watch.Flags);
    }

    [Fact]
    public void Told_to_watch_always_it_needs_no_history()
    {
        var settings = new FlatLineSettings { Always = true, After = 10 * EventTime.Second, Readings = 3, Tolerance = 0.5 };

        var watch = new Watch(new FlatLineDetector(settings)).ReadAll([7, 7.5, 6.5, 7.2, 7, 7, 7, 7, 7, 7, 7, 7.6]);

        Assert.Equal([new Flag(0, 11, 11 / 3f, Severity.Warning)], watch.Flags);
    }

    [Fact]
    public void Standing_still_again_and_again_becomes_usual()
    {
        var watch = new Watch(new FlatLineDetector(new()));
        var noise = Noise(100_000).ToArray();

        for (var i = 0; i < noise.Length; i++)
        {
            watch.Read(i, i > 2_000 && i % 1_000 < 500 ? 50 : noise[i]);
        }

        Assert.InRange(watch.Flags.Count, 2, 8);
        Assert.True(watch.Flags[^1].To < 20_000);
    }

    private static IEnumerable<double> Noise(int count)
    {
        var random = new Random(5);
        return Enumerable.Range(0, count).Select(_ => 50 + PlantSignal.Gaussian(random));
    }
}
