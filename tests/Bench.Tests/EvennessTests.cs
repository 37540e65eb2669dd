using SensorGrid.Bench.Cluster;

namespace SensorGrid.Bench.Tests;

public sealed class EvennessTests
{
    [Theory]
    [InlineData(0, 5, 5, 5)]
    [InlineData(0.125, 6, 5, 5)]
    [InlineData(0.4, 4, 4, 7)]
    [InlineData(2, 9, 0, 0)]
    [InlineData(0, 0, 0, 0)]
    public void The_farthest_from_an_even_share_counts(double expected, params int[] counts) => Assert.Equal(expected, Evenness.FarthestOff(counts), 12);
}
