using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

public class SilenceDetectorTests
{
    private static readonly SilenceDetector Fixed = new(new() { After = 10 * EventTime.Second });

    [Fact]
    public void A_tick_opens_the_flag_and_the_next_reading_closes_it()
    {
        var watch = new Watch(Fixed).Read(100, 1).Tick(109);

        Assert.Empty(watch.Flags);
        watch.Tick(115).Tick(116);
        Assert.Equal([new Flag(110, double.NaN, 1, Severity.Warning)], watch.Flags);
        watch.Read(120, 1);
        Assert.Equal([new Flag(110, 120, 1, Severity.Warning)], watch.Flags);
    }

    [Fact]
    public void Without_ticks_the_next_reading_tells_the_same_flag() =>
        Assert.Equal([new Flag(110, 120, 1, Severity.Warning)], new Watch(Fixed).Read(100, 1).Read(120, 1).Flags);

    [Fact]
    public void A_gap_of_just_the_threshold_is_no_silence() => Assert.Empty(new Watch(Fixed).Read(100, 1).Tick(110).Read(110, 1).Flags);

    [Fact]
    public void Readings_delivered_late_close_the_flag_though_they_are_older_than_it() =>
        Assert.Equal([new Flag(110, 110, 1, Severity.Warning)], new Watch(Fixed).Read(100, 1).Tick(115).Read(101, 1).Read(102, 1).Flags);

    [Fact]
    public void Before_the_first_reading_there_is_no_silence() => Assert.Empty(new Watch(Fixed).Tick(1e6).Flags);

    [Fact]
    public void Bad_readings_are_a_sign_of_life() => Assert.True(Fixed.JudgesBad);

    [Theory]
    [InlineData(1, 60)]
    [InlineData(30, 300)]
    [InlineData(3600, 36_000)]
    public void The_learnt_threshold_is_ten_usual_intervals_and_a_minute_at_least(double interval, double threshold)
    {
        var watch = new Watch(new SilenceDetector(new()));
        for (var i = 0; i < 500; i++)
        {
            watch.Read(i * interval, i);
        }

        var last = 499 * interval;
        Assert.Empty(watch.Tick(last + threshold).Flags);
        Assert.Equal(last + threshold, Assert.Single(watch.Tick(last + threshold + 1).Flags).From);
    }

    [Fact]
    public void Ten_readings_are_not_enough_to_know_the_interval()
    {
        var watch = new Watch(new SilenceDetector(new())).ReadAll(new double[10]);

        Assert.Empty(watch.Tick(1e6).Flags);
    }

    [Fact]
    public void Gaps_that_come_every_hour_become_usual()
    {
        var watch = new Watch(new SilenceDetector(new()));
        for (var i = 0; i < 7 * 86_400; i++)
        {
            if (i % 3_600 >= 300)
            {
                watch.Read(i, 0);
            }
        }

        Assert.InRange(watch.Flags.Count, 1, 8);
    }

    [Fact]
    public void Ticks_change_no_flag_and_no_state()
    {
        var gaps = Gen.Elements(1, 1, 1, 1, 5, 30, 100, 1_000, 100_000);
        var steps = Gen.Zip(gaps, Gen.Choose(0, 3)).ListOf(300).Select(list => list.ToArray()).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(steps, list =>
        {
            var live = new Watch(new SilenceDetector(new()));
            var replay = new Watch(new SilenceDetector(new()));
            var time = 0.0;
            foreach (var (gap, ticks) in list)
            {
                for (var i = 1; i <= ticks; i++)
                {
                    live.Tick(time + ((double)gap * i / (ticks + 1)));
                }
                time += gap;
                live.Read(time, 0);
                replay.Read(time, 0);
            }
            return live.Flags.SequenceEqual(replay.Flags) && live.State.SequenceEqual(replay.State);
        }));
    }
}
