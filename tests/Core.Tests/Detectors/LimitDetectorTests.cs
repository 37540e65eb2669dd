using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

public class LimitDetectorTests
{
    private const double Open = double.NaN;

    [Theory]
    [InlineData(5, false, 0)]
    [InlineData(0, false, 0)]
    [InlineData(10, false, 0)]
    [InlineData(10.5, true, 0.05)]
    [InlineData(-1, true, 0.1)]
    [InlineData(13, true, 0.3)]
    public void A_value_beyond_a_limit_is_flagged_by_its_distance(double value, bool flagged, double score)
    {
        var watch = new Watch(new LimitDetector(new() { Low = 0, High = 10 })).Read(1, value);

        Assert.Equal(flagged ? [new Flag(1, Open, (float)score, Severity.Warning)] : [], watch.Flags);
    }

    [Fact]
    public void The_outer_limit_raises_the_open_flag_to_an_alarm_and_it_stays_one()
    {
        var watch = new Watch(new LimitDetector(new() { High = 10, HighHigh = 12 })).Read(1, 11).Read(2, 13).Read(3, 11).Read(4, 9);

        Assert.Equal([new Flag(1, 4, 1.5, Severity.Alarm)], watch.Flags);
    }

    [Fact]
    public void An_outer_limit_alone_alarms_at_once()
    {
        var watch = new Watch(new LimitDetector(new() { LowLow = 3 })).Read(1, 2.5).Read(2, 3);

        Assert.Equal([new Flag(1, 2, 0.5, Severity.Alarm)], watch.Flags);
    }

    [Fact]
    public void Within_the_deadband_the_flag_stays_open()
    {
        var watch = new Watch(new LimitDetector(new() { High = 10, Deadband = 1 })).Read(1, 10.5).Read(2, 9.5).Read(3, 10.5).Read(4, 9);

        Assert.Equal([new Flag(1, 4, 0.5, Severity.Warning)], watch.Flags);
    }

    [Fact]
    public void A_deadband_wider_than_the_room_still_lets_the_flag_close()
    {
        var watch = new Watch(new LimitDetector(new() { Low = 0, High = 3, Deadband = 100 })).Read(1, 4).Read(2, 1.5);

        Assert.Equal(2, Assert.Single(watch.Flags).To);
    }

    [Fact]
    public void The_on_delay_passes_over_short_excursions_and_the_flag_begins_with_the_long_one()
    {
        var watch = new Watch(new LimitDetector(new() { High = 10, OnDelay = 3 * EventTime.Second }));

        watch.Read(1, 11).Read(2, 11).Read(3, 9).Read(4, 11).Read(5, 11).Read(6, 11);
        Assert.Empty(watch.Flags);
        watch.Read(7, 11);
        Assert.Equal([new Flag(4, Open, 1, Severity.Warning)], watch.Flags);
    }

    [Fact]
    public void The_off_delay_passes_over_short_returns_and_the_flag_ends_with_the_long_one()
    {
        var watch = new Watch(new LimitDetector(new() { High = 10, OffDelay = 2 * EventTime.Second }));

        watch.Read(1, 11).Read(2, 9).Read(3, 11).Read(4, 9).Read(5, 9);
        Assert.True(watch.IsOpen);
        watch.Read(6, 9);
        Assert.Equal([new Flag(1, 4, 1, Severity.Warning)], watch.Flags);
    }

    [Fact]
    public void Severities_are_as_set()
    {
        var settings = new LimitSettings { High = 1, HighHigh = 2, Severity = Severity.Info, OuterSeverity = Severity.Critical };

        var watch = new Watch(new LimitDetector(settings)).Read(1, 1.5).Read(2, 0).Read(3, 2.5);

        Assert.Equal([Severity.Info, Severity.Critical], watch.Flags.Select(flag => flag.Severity));
    }
}
