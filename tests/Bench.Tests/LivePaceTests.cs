using System.Diagnostics;
using SensorGrid.Bench.Live;
using SensorGrid.Bench.Reports;

namespace SensorGrid.Bench.Tests;

public sealed class LivePaceTests
{
    [Fact]
    public void Delays_count_from_the_answer_of_the_write_whose_reading_is_shown()
    {
        static long Ticks(double milliseconds) => (long)(milliseconds * Stopwatch.Frequency / 1000);
        var pace = new LivePace(
            EventCounts.None, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, new Sample([]), new Dictionary<long, long> { [10] = Ticks(100), [20] = Ticks(200) });
        EventSample[] events = [new(false, 10, Ticks(350)), new(false, 20, Ticks(190)), new(false, 30, Ticks(900)), new(true, 20, Ticks(207))];

        var twins = pace.DelaysOf(events, isFlag: false);
        Assert.Equal((2, 0d, 250d), (twins.Count, twins.Quantile(0.5), twins.Max));
        Assert.Equal(7, pace.DelaysOf(events, isFlag: true).Max);
    }
}
