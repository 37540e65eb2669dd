using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Windows;

public sealed class WindowSizesTests
{
    [Fact]
    public void The_default_is_ten_seconds_to_a_day()
    {
        var sizes = WindowSizes.Default;
        Assert.Equal(
            [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour, EventTime.Day],
            Enumerable.Range(0, sizes.Count).Select(level => sizes[level]));
        Assert.Equal(3, sizes.LevelOf(EventTime.Hour));
        Assert.Equal(-1, sizes.LevelOf(2 * EventTime.Hour));
        Assert.Equal(2, sizes.UpTo(1).Count);
    }

    [Fact]
    public void Windows_are_aligned_to_the_epoch()
    {
        Assert.Equal(0, WindowSizes.Default.Start(1, EventTime.Minute - 1));
        Assert.Equal(EventTime.Minute, WindowSizes.Default.Start(1, EventTime.Minute));
        Assert.Equal(20_000 * EventTime.Day, WindowSizes.Default.Start(4, (20_000 * EventTime.Day) + 12_345));
    }

    [Theory]
    [InlineData("00:00:00", "Windows[0] is 0s: it must be a whole number of microseconds above zero")]
    [InlineData("00:00:00.0000005", "Windows[0] is 0s: it must be a whole number of microseconds above zero")]
    [InlineData("00:00:07", "Windows[0] is 7s: it must divide a day (1d)")]
    [InlineData("2.00:00:00", "Windows[0] is 2d: it must divide a day (1d)")]
    [InlineData("00:00:10 00:00:15", "Windows[1] is 15s: it must be a multiple of the size before it (10s) and larger")]
    [InlineData("00:01:00 00:01:00", "Windows[1] is 1m: it must be a multiple of the size before it (1m) and larger")]
    [InlineData("", "Windows has 0 sizes: it must have 1 to 8")]
    [InlineData("00:00:01 00:00:02 00:00:04 00:00:08 00:00:16 00:00:32 00:01:04 00:02:08 00:04:16", "Windows has 9 sizes: it must have 1 to 8")]
    public void Other_sizes_are_refused_with_setting_value_and_rule(string sizes, string message)
    {
        var parsed = sizes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(TimeSpan.Parse).ToList();
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new WindowSizes(parsed)).Message);
    }
}
