using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

public sealed class WorkRestTests
{
    [Theory]
    [InlineData(0, 3, 0)]
    [InlineData(40, 3, 120)]
    [InlineData(2_000, 9, 18_000)]
    public void It_is_some_times_the_work(int took, int factor, int rest) =>
        Assert.Equal(TimeSpan.FromMilliseconds(rest), WorkRest.After(TimeSpan.FromMilliseconds(took), factor));

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public void Nobody_rests_for_minutes_because_Postgres_stood_still(int factor) =>
        Assert.Equal(factor * WorkRest.MostWork, WorkRest.After(TimeSpan.FromMinutes(1), factor));
}
