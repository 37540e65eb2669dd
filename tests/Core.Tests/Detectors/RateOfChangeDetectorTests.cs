using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

public class RateOfChangeDetectorTests
{
    private static RateOfChangeSettings Settings => new() { Up = 2, Down = 1, Span = 0, Hold = 0 };

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1.5)]
    [InlineData(-1, 0)]
    [InlineData(-3, 3)]
    public void A_rate_beyond_its_maximum_is_flagged_by_their_ratio(double change, double score)
    {
        var watch = new Watch(new RateOfChangeDetector(Settings)).Read(10, 5).Read(11, 5 + change);

        Assert.Equal(score > 0 ? [new Flag(10, double.NaN, score, Severity.Warning)] : [], watch.Flags);
    }

    [Fact]
    public void The_first_reading_is_no_change() =>
        Assert.Empty(new Watch(new RateOfChangeDetector(Settings)).Read(1_000_000, 1e9).Flags);

    [Fact]
    public void Within_the_hysteresis_the_flag_stays_open()
    {
        var watch = new Watch(new RateOfChangeDetector(Settings with { Hysteresis = 0.5 }));

        watch.Read(1, 0).Read(2, 3).Read(3, 4.5);
        Assert.True(watch.IsOpen);
        watch.Read(4, 5.5);
        Assert.Equal([new Flag(1, 3, 1.5, Severity.Warning)], watch.Flags);
    }

    [Fact]
    public void The_hold_joins_bursts()
    {
        var watch = new Watch(new RateOfChangeDetector(Settings with { Hold = 3 * EventTime.Second }));

        watch.Read(1, 0).Read(2, 3).Read(3, 3).Read(4, 6).Read(5, 6).Read(6, 6);
        Assert.True(watch.IsOpen);
        watch.Read(7, 6);
        Assert.Equal([new Flag(1, 4, 1.5, Severity.Warning)], watch.Flags);
    }

    [Fact]
    public void Noise_within_the_span_is_no_change()
    {
        var watch = new Watch(new RateOfChangeDetector(Settings with { Span = 10 * EventTime.Second }));

        watch.ReadAll(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 0.0 : 5.0));

        Assert.Empty(watch.Flags);
    }
}
