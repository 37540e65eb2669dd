using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Tests.Detectors;

public class SpikeDetectorTests
{
    private const int Start = 2_000;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Values_that_leave_and_come_back_are_one_flag_over_just_them(int width)
    {
        var watch = AfterNoise();

        watch.ReadAll(Enumerable.Repeat(70.0, width), from: Start);
        Assert.Empty(watch.Flags);
        watch.ReadAll(Noise(100), from: Start + width);

        var flag = Assert.Single(watch.Flags);
        Assert.Equal((Start, Start + width, Severity.Warning), (flag.From, flag.To, flag.Severity));
        Assert.InRange(flag.Score, 14, 24);
    }

    [Fact]
    public void A_value_that_stays_away_is_no_spike()
    {
        var watch = AfterNoise().ReadAll(Noise(2_000).Select(value => value + 20), from: Start);

        Assert.Empty(watch.Flags);
    }

    [Fact]
    public void Spikes_within_the_hold_are_one_flag_and_later_ones_another()
    {
        var values = Noise(1_000).ToArray();
        (values[10], values[30], values[50], values[200]) = (70, 30, 70, 110);

        var watch = AfterNoise().ReadAll(values, from: Start);

        Assert.Equal([(Start + 10, Start + 51), (Start + 200, Start + 201)], watch.Flags.Select(flag => ((int)flag.From, (int)flag.To)));
    }

    [Fact]
    public void Pulses_that_come_every_five_minutes_become_usual()
    {
        var watch = AfterNoise().ReadAll(Noise(86_400).Select((value, i) => i % 300 < 2 ? value + 30 : value), from: Start);

        Assert.InRange(watch.Flags.Count, 1, 6);
        Assert.InRange(watch.Flags.Count(flag => flag.From > Start + 6_000), 0, 2);
    }

    [Fact]
    public void Nothing_is_flagged_before_the_warm_up() =>
        Assert.Empty(new Watch(new SpikeDetector(new())).ReadAll(Noise(190).Select((value, i) => i % 50 == 49 ? value + 100 : value)).Flags);

    [Fact]
    public void A_constant_has_no_spikes() =>
        Assert.Empty(new Watch(new SpikeDetector(new())).ReadAll(Enumerable.Range(0, 20_000).Select(i => i % 4_000 == 3_999 ? 5.0 : 4.0)).Flags);

    private static Watch AfterNoise() => new Watch(new SpikeDetector(new())).ReadAll(Noise(Start));

    private static IEnumerable<double> Noise(int count)
    {
        var random = new Random(count);
        return Enumerable.Range(0, count).Select(_ => 50 + PlantSignal.Gaussian(random));
    }
}
