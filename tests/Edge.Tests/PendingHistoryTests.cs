using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

public sealed class PendingHistoryTests
{
    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(1000, 100)]
    [InlineData(1, 100_000)]
    public void What_late_readings_take_of_memory_is_known_however_many_sensors_they_are_of(int sensors, int each)
    {
        // The pools of what comes in order are made on first use.
        new PendingHistory().AddLate(0, new Reading(TestGrid.Day, 1), true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var history = new PendingHistory();
        var empty = history.Bytes;
        for (var i = 0; i < sensors * each; i++)
        {
            history.AddLate(i % sensors, new Reading(TestGrid.Day + i, 1), i % 2 == 0);
        }

        // Lists and the dictionary double, so that as much again was held before.
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(history.Bytes - empty, allocated / 2, 2 * allocated);
    }

    [Fact]
    public void Spans_and_readings_are_both_late_to_judge()
    {
        using var history = new PendingHistory();
        history.AddLate(1, new Reading(TestGrid.Day, 1), false);
        history.AddLate(2, new Reading(TestGrid.Day, 1), true);
        history.AddLateSpan(3, TestGrid.Day);

        Assert.Equal([false, true, true, false], Enumerable.Range(1, 4).Select(history.HasLateToJudge));
    }
}
